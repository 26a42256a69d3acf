import { UserError } from '../action/errors.ts';
import type { Patience } from '../action/retry.ts';
import { checkReady, checkSettled, checkVersion, type Check } from '../serving/checks.ts';
import { checkEach } from '../serving/each-server.ts';
import type { GoldenCase } from '../serving/golden.ts';
import { serversOf, type Read } from '../serving/reading.ts';
import type { ModelServer } from '../serving/server.ts';
import {
  FencedError,
  type Order,
  type Release,
  type ServingTarget,
  type Traffic,
} from '../serving/target.ts';
import type { Lease } from './lease.ts';
import { EffectError, type Perform } from './run.ts';
import type { Effect, KnownVersion, RolloutState } from './state.ts';
import { demand, readModelGolden, verifyServers, type Verification } from './verification.ts';

/** What the effects of a rollout work on. */
export interface Scene {
  readonly target: ServingTarget;
  readonly lease: Pick<Lease, 'save' | 'fence'>;
  readonly verification: Verification;
  /** A version of the ledger as the target stages it. */
  readonly release: (version: KnownVersion) => Release;
  /** Writes the ledger and lets go of the environment, in one push. Returns one sentence. */
  readonly commit: (version: KnownVersion | null) => Promise<string>;
  /** Whether the ledger says that the version is live. */
  readonly isRecorded: (version: KnownVersion | null) => Promise<boolean>;
  /** Removes old releases; never throws. */
  readonly retire: (keep: readonly string[]) => Promise<void>;
  /** Gets what was verified of the candidate. */
  readonly report: (checks: readonly Check[]) => void;
}

/** How long to wait for a server to let go of the very first candidate. */
const LET_GO_MS = 5_000;

/** How each effect is done. */
export function performer(scene: Scene): Perform {
  const { target, lease, verification, report } = scene;
  const staged = new Map<string, readonly GoldenCase[]>();
  const { patience } = verification;

  async function stage(version: KnownVersion, isCandidate: boolean, signal: AbortSignal): Promise<string> {
    const { modelPath, reused } = await target.stage(scene.release(version), signal);
    if (isCandidate) staged.set(version.version, await readModelGolden(modelPath, verification.modelGolden));
    return reused
      ? `${version.version} was staged before, with the right digest.`
      : `${version.version} is staged, sha256:${version.modelDigest ?? 'unknown'}.`;
  }

  async function goldenOf(version: KnownVersion, signal: AbortSignal): Promise<readonly GoldenCase[]> {
    if (verification.modelGolden.length > 0 && !staged.has(version.version))
      await stage(version, true, signal);
    return [...verification.golden, ...(staged.get(version.version) ?? [])];
  }

  async function verify(version: KnownVersion, signal: AbortSignal): Promise<string> {
    const servers = serversOf(target);
    if (servers.length === 0) return 'There is no url to verify anything at.';
    const golden = await goldenOf(version, signal);
    let answers = false;
    const watched = (checks: readonly Check[]): void => {
      answers ||= checks.some(({ check, verdict }) => check === 'ready' && verdict === 'pass');
      report(checks);
    };
    const time = AbortSignal.timeout(patience.timeoutMs);
    try {
      const ending = AbortSignal.any([signal, time]);
      const said = await verifyServers(servers, verification, golden, watched, ending);
      // A server that fell back meanwhile would have passed all of this with the old model.
      const settled = [await checkSettled(target, version, verification.settle, ending)];
      report(settled);
      return `${said} ${demand(settled, false)}`;
    } catch (error) {
      signal.throwIfAborted();
      if (!time.aborted) throw error;
      const message = `Verifying took longer than ${patience.timeoutMs / 1000} s (verify.timeout) and was ended.`;
      const late = new UserError('verification-failed', message, { decision: 'fail' });
      throw new EffectError(late, { answers });
    }
  }

  async function ready(version: KnownVersion, signal: AbortSignal): Promise<string> {
    const servers = serversOf(target);
    if (servers.length === 0) return 'There is nothing to ask.';
    const { readyCount } = verification;
    const ask = async (server: ModelServer) => [await checkReady(server, readyCount, patience, signal)];
    const said = demand(await checkEach(servers, ask), false);
    return `${said} ${demand([await checkSettled(target, version, verification.settle, signal)], false)}`;
  }

  async function observe(
    version: KnownVersion | null,
    { phase }: RolloutState,
    signal: AbortSignal,
  ): Promise<string> {
    const check = await (version === null
      ? checkNothing(target, patience, signal)
      : checkVersion(target, version, patience, signal));
    if (phase === 'reading-back') report([check]);
    return demand([check], false);
  }

  return async (effect, state, signal) => {
    switch (effect.do) {
      case 'save':
        await lease.save(state);
        return '';
      case 'stage':
        return stage(effect.version, state.phase === 'staging', signal);
      case 'shift':
        return shift(target, { shares: effect.shares }, { fence: lease.fence }, state, signal);
      case 'observe':
        return observe(effect.version, state, signal);
      case 'verify':
        return verify(effect.version, signal);
      case 'ready':
        return ready(effect.version, signal);
      case 'retire':
        await scene.retire(effect.keep);
        return '';
      case 'commit':
        return scene.commit(state.candidate);
      case 'settle':
        if (await scene.isRecorded(state.candidate)) return 'The ledger says so: the push had arrived.';
        throw new UserError('service-unavailable', 'The ledger does not say so: the push had not arrived.');
    }
  };
}

type Shares = Extract<Effect, { do: 'shift' }>['shares'];

async function shift(
  target: ServingTarget,
  traffic: Traffic,
  order: Order,
  { phase }: RolloutState,
  signal: AbortSignal,
): Promise<string> {
  const { shares } = traffic;
  const names = shares.map(({ version, weight }) => (weight === 100 ? version : `${weight} % ${version}`));
  const to = names.length === 0 ? 'nothing' : names.join(', ');
  try {
    await target.shift(traffic, order, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof FencedError) throw error;
    throw new EffectError(error, { moved: await movedTo(target, shares) });
  }
  return `All traffic goes to ${to}${phase === 'switching-back' ? ' again' : ''}.`;
}

/** After a shift that failed: whether the target is set as asked, which a server that can be asked may still follow. */
async function movedTo(target: Pick<ServingTarget, 'live'>, shares: Shares): Promise<RolloutState['moved']> {
  const { intended, answer } = await target.live(new AbortController().signal);
  const asked = shares.every(({ version, weight }) =>
    intended.some((share) => share.version === version && share.weight === weight),
  );
  if (!asked || intended.length !== shares.length) return 'no';
  return answer.kind === 'not-asked' && shares.length > 0 ? 'unknown' : 'yes';
}

/**
 * Whether nothing is served any more. A server that answers with no version or not at all serves nothing; one that still
 * names a version keeps it in its memory.
 */
async function checkNothing(target: Read, patience: Patience, signal: AbortSignal): Promise<Check> {
  const { answer } = await target.live(signal);
  if (answer.kind === 'silent')
    return { check: 'version', verdict: 'pass', message: `No version is served: ${answer.message}.` };
  const timeoutMs = Math.min(LET_GO_MS, patience.timeoutMs);
  return checkVersion(target, undefined, { ...patience, timeoutMs }, signal);
}

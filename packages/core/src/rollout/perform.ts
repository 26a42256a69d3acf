import { trafficOf } from './effects.ts';
import { UserError } from '../action/errors.ts';
import { pause } from '../action/retry.ts';
import { checkReady, checkSettled, checkVersion, type Check } from '../serving/checks.ts';
import { checkEach } from '../serving/each-server.ts';
import type { GoldenCase } from '../serving/golden.ts';
import { serversOf } from '../serving/reading.ts';
import type { ModelServer } from '../serving/server.ts';
import { checkShares } from '../serving/shares.ts';
import { checkNothing, requireSame, shift } from './move.ts';
import type { Proof, Share, Traffic } from '../serving/target.ts';
import type { Arm } from './analysis/providers/kind.ts';
import { gatherGolden } from './golden-cases.ts';
import { EffectError, type Done, type Perform } from './run.ts';
import type { Scene } from './scene.ts';
import type { Effect, KnownVersion, RolloutState } from './state.ts';
import { demand, settleTime, verifyServers } from './verification.ts';

/** How long a stable version is waited for before it gets the traffic all the same. */
const RECEIVE_MS = 2_000;

/** Requests that count for nothing, so that the first users do not wait for what is loaded late. */
const WARM_UP = 10;

/** How each effect is done. */
export function performer(scene: Scene): Perform {
  const { target, lease, verification, report } = scene;
  const golden = gatherGolden(scene);
  const { patience } = verification;

  async function stage(version: KnownVersion, state: RolloutState, signal: AbortSignal): Promise<string> {
    // A rollback is in a hurry, and makes good for it when the traffic is back.
    const proof: Proof = state.kind === 'rollback' ? 'record' : 'digest';
    const { modelPath, reused } = await target.stage({ ...scene.release(version), proof }, signal);
    await golden.staged(version, modelPath, state);
    return reused
      ? `${version.version} was staged before, with the right digest.`
      : `${version.version} is staged, sha256:${version.modelDigest ?? 'unknown'}.`;
  }

  async function goldenOf(
    version: KnownVersion,
    state: RolloutState,
    signal: AbortSignal,
  ): Promise<readonly GoldenCase[]> {
    if (golden.lieInModel(version)) await stage(version, state, signal);
    return golden.of(version);
  }

  async function verify(version: KnownVersion, state: RolloutState, signal: AbortSignal): Promise<string> {
    const servers = serversOf(target);
    if (servers.length === 0) return 'There is no url to verify anything at.';
    const cases = await goldenOf(version, state, signal);
    let answers = false;
    const watched = (checks: readonly Check[]): void => {
      answers ||= checks.some(({ check, verdict }) => check === 'ready' && verdict === 'pass');
      report(checks);
    };
    const time = AbortSignal.timeout(patience.timeoutMs);
    try {
      const ending = AbortSignal.any([signal, time]);
      const said = await verifyServers(servers, verification, cases, watched, ending);
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

  async function endpointOf({ version }: KnownVersion): Promise<ModelServer> {
    const found = await target.endpoint(version);
    if (found !== undefined) return found;
    throw new UserError('bad-config', `The target has no address at which ${version} answers by itself.`);
  }

  async function probe(version: KnownVersion, state: RolloutState, signal: AbortSignal): Promise<string> {
    const server = await endpointOf(version);
    const cases = await goldenOf(version, state, signal);
    const inputs = cases.filter(({ expects }) => expects === 'output');
    for (let i = 0; i < WARM_UP && inputs.length > 0; i++)
      await server.predict(inputs[i % inputs.length]?.input, signal);
    return `Without traffic: ${await verifyServers([server], verification, cases, () => undefined, signal)}`;
  }

  async function receive(version: KnownVersion, must: boolean, signal: AbortSignal): Promise<string> {
    const server = await target.endpoint(version.version);
    if (server === undefined) return '';
    const timeoutMs = must ? patience.timeoutMs : Math.min(RECEIVE_MS, patience.timeoutMs);
    demand([await checkReady(server, 1, { ...patience, timeoutMs }, signal)], false);
    return '';
  }

  async function armOf(known: KnownVersion, traffic: Traffic): Promise<Arm> {
    const server = await target.endpoint(known.version);
    const weight = traffic.shares.find((share) => share.version === known.version)?.weight ?? 0;
    return { version: known.version, weight, ...(server === undefined ? {} : { server }) };
  }

  async function sample(ms: number, state: RolloutState, signal: AbortSignal): Promise<Done> {
    const { candidate, stable, generation } = state;
    if (candidate === null) throw new Error('nothing is watched');
    const traffic = trafficOf(state);
    const arms = {
      candidate: await armOf(candidate, traffic),
      ...(stable === null ? {} : { stable: await armOf(stable, traffic) }),
    };
    const began = performance.now();
    const judgement = await scene.watch(arms, ms, state, signal);
    await pause(Math.max(0, ms - (performance.now() - began)), signal);
    if (generation !== undefined) requireSame(generation, await target.live(signal));
    const judged = { ...judgement, ms: performance.now() - began };
    return { message: judgement.verdicts.map(({ message }) => message).join(' '), judged };
  }

  async function judgeLabels(state: RolloutState, signal: AbortSignal): Promise<Done> {
    const judgement = await scene.judgeLabels(state, signal);
    const message = judgement.verdicts.map((one) => one.message).join(' ');
    return { message, judged: { ...judgement, ms: 0 } };
  }

  async function ready(version: KnownVersion, state: RolloutState, signal: AbortSignal): Promise<string> {
    const servers = serversOf(target);
    if (servers.length === 0) return 'There is nothing to ask.';
    const { readyCount } = verification;
    const ask = async (server: ModelServer) => [await checkReady(server, readyCount, patience, signal)];
    const said = demand(await checkEach(servers, ask), false);
    return `${said} ${demand([await checkSettled(target, version, settleTime(verification, state), signal)], false)}`;
  }

  async function observe(
    shares: readonly Share[],
    { phase, candidate, stable, plan }: RolloutState,
    signal: AbortSignal,
  ): Promise<string> {
    const [first, ...others] = shares;
    const known = [candidate, stable].find((one) => one !== null && one.version === first?.version);
    const check = await (first === undefined
      ? checkNothing(target, patience, signal)
      : others.length > 0 || plan.probe
        ? checkShares(target, shares, patience, signal)
        : checkVersion(target, known ?? first, patience, signal));
    if (phase === 'reading-back') report([check]);
    return demand([check], false);
  }

  const plain = async (effect: Effect, state: RolloutState, signal: AbortSignal): Promise<string | Done> => {
    switch (effect.do) {
      case 'save':
        await lease.save(state);
        return '';
      case 'stage':
        return stage(effect.version, state, signal);
      case 'probe':
        return probe(effect.version, state, signal);
      case 'receive':
        return receive(effect.version, effect.must, signal);
      case 'shift':
        return shift(target, effect.traffic, lease.fence, state, signal);
      case 'observe':
        return observe(effect.shares, state, signal);
      case 'wait':
        await pause(effect.ms, signal);
        return '';
      case 'sample':
        return sample(effect.ms, state, signal);
      case 'join-labels':
        return judgeLabels(state, signal);
      case 'verify':
        return verify(effect.version, state, signal);
      case 'ready':
        return ready(effect.version, state, signal);
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
  return async (effect, state, signal) => {
    const done = await plain(effect, state, signal);
    return typeof done === 'string' ? { message: done } : done;
  };
}

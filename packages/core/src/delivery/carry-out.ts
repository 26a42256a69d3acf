import type { ActionContext } from '../action/context.ts';
import { errorMessage } from '../action/errors.ts';
import { environmentOf } from '../ledger/assignment.ts';
import { refusal, type Plan, type Refusal } from '../ledger/plan.ts';
import type { ModelState, VersionRecord } from '../ledger/state.ts';
import { CLAIMED, claimLock, type Claimant, type HeldLock } from '../rollout/claim.ts';
import { checkRestored, rolloutEffects, switchBack, type KnownVersion } from '../rollout/effects.ts';
import { runRollout, stepRecord, type RolloutTrace, type StepRecord } from '../rollout/engine.ts';
import type { ForwardSteps } from '../rollout/machine.ts';
import { recoveryOf } from '../rollout/recovery.ts';
import type { Check } from '../serving/checks.ts';
import { servedVersion, type LiveState } from '../serving/target.ts';
import { releaseOf, type Delivery } from './delivery.ts';

/** What became of a rollout that died before this one. */
export interface Settled {
  readonly kind: 'nothing' | 'undone' | 'not-undone';
  /** What it had replaced and what is to be served, unless `nothing`. */
  readonly to: KnownVersion | undefined;
  /** Whether that was served all along, so that nothing had to be undone. */
  readonly inPlace: boolean;
  readonly message: string;
}

/** The environment as a rollout found it, while holding its lock. */
export interface Held {
  readonly lock: HeldLock;
  /** Read after the lock was taken. */
  readonly state: ModelState;
  readonly live: LiveState;
  readonly settled?: Settled;
  /** The steps up to here. */
  readonly steps: readonly StepRecord[];
  /** To be told when what is served is known to be good, or known not to be. */
  readonly known: (good: boolean) => void;
}

/**
 * Runs `body` with the environment's lock held and lets go whatever happens. While something unverified may be served,
 * the journal stays behind: the next rollout has to know what was good before it.
 */
export async function withLock<T>(
  context: ActionContext,
  delivery: Delivery,
  claimant: Pick<Claimant, 'candidate' | 'breaksLock'>,
  body: (held: Held) => Promise<T>,
): Promise<T> {
  const { log, signal } = context;
  const { actor, run } = delivery.origin;
  const started = new Date();
  const message = `The rollout lock of ${delivery.settings.environment} is ours.`;
  const lock = await log.group('Claim the environment', async () => {
    const claimed = await claimLock(delivery.lock, { ...claimant, actor, run }, log);
    log.info(message);
    return claimed;
  });
  let good = lock.abandoned === undefined || lock.abandoned.step === CLAIMED;
  const known = (isGood: boolean): void => void (good = isGood);
  try {
    signal.throwIfAborted();
    const steps = [stepRecord('claim', started, 'pass', message)];
    const state = await delivery.ledger.read(delivery.settings.model);
    const settled = await settle(context, delivery, lock, state);
    if (settled !== undefined) known(settled.kind !== 'not-undone');
    const live = await delivery.target.live(signal);
    return await body({ lock, state, live, ...(settled === undefined ? {} : { settled }), steps, known });
  } finally {
    await (good ? lock.release() : lock.leave());
  }
}

/** Finishes with a rollout that died: undoes what nobody verified. */
async function settle(
  { log, signal }: ActionContext,
  { target, settings }: Delivery,
  { abandoned }: HeldLock,
  state: ModelState,
): Promise<Settled | undefined> {
  if (abandoned === undefined) return undefined;
  const recovery = recoveryOf(abandoned, environmentOf(state, settings.environment));
  log.info(recovery.message);
  if (recovery.kind === 'nothing')
    return { kind: 'nothing', to: undefined, inPlace: true, message: recovery.message };
  const to = knownVersion(state, recovery.to);
  const found = await target.live(signal);
  const inPlace = [servedVersion(found), found.intended[0]?.version].every((is) => is === recovery.to);
  try {
    const message = await switchBack(target, to, signal);
    const check = await checkRestored(target, to, settings.verification.patience, signal);
    if (check.verdict === 'fail') throw new Error(check.message);
    log.info(`${message} ${check.message}`);
    return { kind: 'undone', to, inPlace, message: `${recovery.message} ${check.message}` };
  } catch (error) {
    signal.throwIfAborted();
    const message = `${recovery.message} That failed: ${errorMessage(error)}`;
    log.warning(message);
    return { kind: 'not-undone', to, inPlace, message };
  }
}

function knownVersion(state: ModelState, version: string | undefined): KnownVersion | undefined {
  if (version === undefined) return undefined;
  const modelDigest = state.versions.find((v) => v.version === version)?.modelDigest;
  return { version, ...(modelDigest === undefined ? {} : { modelDigest }) };
}

/** What a rollout is to do. */
export interface Intent<Reason extends Refusal> {
  readonly steps: ForwardSteps;
  readonly candidate: VersionRecord;
  /** What is restored when something fails. */
  readonly previous: KnownVersion | undefined;
  /** The ledger's change, made when the candidate is verified. */
  readonly plan: (state: ModelState) => Plan<Reason>;
}

/** How a rollout went, and what is served after it. */
export interface Finished extends RolloutTrace {
  readonly checks: readonly Check[];
  readonly live: LiveState;
  /** The ledger after it. */
  readonly state: ModelState;
  /** Releases removed from disk. */
  readonly retired: readonly string[];
}

/** Rolls the candidate out, or restores what was there. */
export async function carryOut<Reason extends Refusal>(
  context: ActionContext,
  delivery: Delivery,
  held: Held,
  intent: Intent<Reason>,
): Promise<Finished> {
  const { candidate, previous } = intent;
  const { target, settings } = delivery;
  const checks: Check[] = [];
  let { state } = held;
  const effects = rolloutEffects({
    target,
    candidate: releaseOf(delivery, candidate),
    previous,
    verification: settings.verification,
    beforeSwitch: async () => {
      // What the ledger cannot take is found out while nothing has moved.
      requireGranted(intent, state, settings.environment);
      await held.lock.switching(candidate.version, previous?.version);
    },
    record: async () => {
      const written = await record(delivery, intent);
      state = written.state;
      return written.message;
    },
    checks,
  });
  const report = await runRollout(intent.steps, effects, context.signal, context.log);
  if (report.end.kind !== 'untouched') held.known(report.end.kind !== 'not-restored');
  const retired =
    report.end.kind === 'deployed'
      ? await retire(context, delivery, [candidate.version, previous?.version])
      : [];
  const live = await target.live(new AbortController().signal);
  return { ...report, steps: [...held.steps, ...report.steps], checks, live, state, retired };
}

function requireGranted<Reason extends Refusal>(
  { plan, candidate }: Intent<Reason>,
  state: ModelState,
  environment: string,
): void {
  const wanted = plan(state);
  if (wanted.kind === 'refused' && state.environments.get(environment)?.live?.version !== candidate.version)
    throw refusal(wanted);
}

async function record<Reason extends Refusal>(
  { ledger, settings }: Delivery,
  { plan, candidate }: Intent<Reason>,
): Promise<{ readonly message: string; readonly state: ModelState }> {
  const { plan: done, state } = await ledger.write(settings.model, plan);
  return { message: recorded(done, state, settings.environment, candidate.version), state };
}

function recorded<Reason extends Refusal>(
  done: Plan<Reason>,
  state: ModelState,
  environment: string,
  version: string,
): string {
  switch (done.kind) {
    case 'write':
      return `The ledger says so: ${done.tags.map((tag) => tag.name).join(', ')}.`;
    case 'nothing':
      return `The ledger said already that ${version} is live.`;
    case 'refused':
      // Somebody wrote the same wish by other means; going back would serve what the ledger has left.
      if (state.environments.get(environment)?.live?.version === version)
        return `The ledger says so: somebody else wrote meanwhile that ${version} is live.`;
      throw refusal(done);
  }
}

/** Old releases that stay on disk are a nuisance, not a failed deployment. */
async function retire(
  { log }: ActionContext,
  { target }: Delivery,
  keep: readonly (string | undefined)[],
): Promise<string[]> {
  try {
    const removed = await target.retire(keep.filter((version) => version !== undefined));
    if (removed.length > 0) log.info(`Removed old releases from disk: ${removed.join(', ')}.`);
    return removed;
  } catch (error) {
    log.warning(`Old releases could not be removed: ${errorMessage(error)}`);
    return [];
  }
}

import type { ActionContext } from '../action/context.ts';
import { UserError } from '../action/errors.ts';
import type { ModelState } from '../ledger/state.ts';
import { unreadable } from '../rollout/journal.ts';
import { claimDecided, claimLease, type Lease, type Predecessor } from '../rollout/lease.ts';
import { begin, claimed, parting, reduce, type Intent } from '../rollout/reduce.ts';
import { stepRecord, type StepRecord } from '../rollout/run.ts';
import type { RolloutState } from '../rollout/state.ts';
import { FencedError, type LiveState } from '../serving/target.ts';
import type { Delivery } from './delivery.ts';
import { settle, type Settled, type Wanting } from './settle.ts';

/** The environment as a rollout found it, while it is this run's. */
export interface Held {
  readonly lease: Lease;
  /** Read after the environment was taken. */
  readonly state: ModelState;
  readonly live: LiveState;
  readonly settled?: Settled;
  /** The rollout that was paused, where this run is to go on with it. */
  readonly paused?: RolloutState;
  /** The steps up to here. */
  readonly steps: readonly StepRecord[];
  /** To be told how a rollout ended, which decides whether the journal stays. */
  readonly ended: (state: RolloutState) => void;
}

/**
 * Runs `body` while the environment is this run's, and lets go whatever happens. While something may be served that is
 * not what the ledger says, the journal stays behind for the next rollout.
 */
export async function withEnvironment<T>(
  context: ActionContext,
  delivery: Delivery,
  wanting: Wanting,
  body: (held: Held) => Promise<T>,
): Promise<T> {
  const { signal } = context;
  const started = new Date();
  const begun = claimed(wanting.kind, wanting.candidate);
  let lease = await claim(context, delivery, wanting, begun);
  const { predecessor } = lease;
  let last = predecessor === undefined ? begun : deadState(predecessor, begun);
  const ended = (state: RolloutState): void => void (last = state);
  try {
    signal.throwIfAborted();
    await raise(delivery, lease);
    const steps = [stepRecord('claim', started, 'pass', ours(delivery))];
    const state = await delivery.ledger.read(delivery.settings.model);
    const paused = predecessor?.why === 'resumed' ? last : undefined;
    if (predecessor === undefined || paused !== undefined) {
      const live = await delivery.target.live(signal);
      return await body({ lease, state, live, steps, ended, ...(paused === undefined ? {} : { paused }) });
    }
    const { settled, trace } = await settle(context, delivery, { lease, state, dead: last, wanting, ended });
    // Finishing a rollback let go of the environment, in the push that wrote the ledger.
    if (lease.isSpent()) {
      lease = await claim(context, delivery, wanting, begun);
      await raise(delivery, lease);
    }
    const after = settled.kind === 'finished' ? await delivery.ledger.read(delivery.settings.model) : state;
    const live = await delivery.target.live(signal);
    return await body({ lease, state: after, live, settled, steps: [...steps, ...trace.steps], ended });
  } finally {
    await part(lease, last);
  }
}

/** How often others may have had the environment between our look at the target and our claim. */
const RAISES = 5;

/** Lets nobody who had the environment before move the traffic from now on. */
async function raise({ target }: Delivery, lease: Lease): Promise<void> {
  for (let attempt = 1; attempt < RAISES; attempt++) {
    try {
      return await target.raise(lease.fence);
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
      await lease.outnumber(await target.fence());
    }
  }
  await target.raise(lease.fence);
}

/**
 * Lets go of the environment, as it is to be left. Throws UserError `service-unavailable` for a pause that is written down nowhere:
 * no run can go on with it.
 */
export async function part(lease: Pick<Lease, 'release' | 'leave'>, last: RolloutState): Promise<void> {
  const how = parting(last);
  if (how === 'release') await lease.release();
  const isLeft = how === 'leave' && (await lease.leave(last));
  if (last.phase !== 'paused' || isLeft) return;
  throw new UserError(
    'service-unavailable',
    `The rollout of ${last.candidate?.version ?? 'nothing'} was to pause, and that could not be written to the remote: it did not answer, or another run has the environment now. No run can go on with it. The next deployment or rollback puts back what the ledger says is live.`,
  );
}

/** What was found before the environment was taken. */
export type Found = Pick<Held, 'state' | 'live'>;

/** How a rollout is decided on before the environment is taken. */
export interface Decision<Decided> {
  readonly decide: (found: Found) => Promise<Decided>;
  /** What is to be rolled out then, and whether it is staged already; undefined for nothing. */
  readonly intent: (decided: Decided) => { readonly intent: Intent; readonly staged: boolean } | undefined;
}

/**
 * As `withEnvironment`, in the fewest commands that reach the remote: one reads, and one takes the environment with what was
 * decided, if nothing has changed by then. `body` gets that; where somebody has the environment, or something has changed, it is
 * taken as usual, and `body` has to decide by what it finds then.
 */
export async function withDecision<Decided, T>(
  context: ActionContext,
  delivery: Delivery,
  wanting: Wanting,
  decision: Decision<Decided>,
  body: (held: Held, decided: Decided | undefined) => Promise<T>,
): Promise<T> {
  const early = await claimDecision(context, delivery, wanting, decision);
  if (early === undefined)
    return withEnvironment(context, delivery, wanting, (held) => body(held, undefined));
  const { held, decided } = early;
  let last = claimed(wanting.kind, wanting.candidate);
  const ended = (state: RolloutState): void => void (last = state);
  try {
    context.signal.throwIfAborted();
    await raise(delivery, held.lease);
    return await body({ ...held, ended }, decided);
  } finally {
    await part(held.lease, last);
  }
}

async function claimDecision<Decided>(
  { log, signal }: ActionContext,
  delivery: Delivery,
  wanting: Wanting,
  { decide, intent }: Decision<Decided>,
): Promise<{ held: Omit<Held, 'ended'>; decided: Decided } | undefined> {
  const { target, ledger, lock, origin, settings } = delivery;
  const started = new Date();
  const looking = Promise.all([target.live(signal), target.fence()]);
  // Waited for below, unless what is read at the same time throws first.
  looking.catch(() => undefined);
  return ledger.survey(settings.model, lock, async (found) => {
    if (found === undefined || found.isTaken) return undefined;
    const { state } = found;
    const [live, seen] = await looking;
    const decided = await decide({ state, live });
    const wanted = intent(decided);
    if (wanted === undefined) return undefined;
    const lease = await log.group('Claim the environment', async () => {
      const claimant = { ...wanting, ...origin };
      const first = firstState(wanted.intent, wanted.staged);
      const taken = await claimDecided(lock, found.claim, claimant, first, { seen, log });
      log.info(taken === undefined ? 'Somebody was faster; looking again at what there is.' : ours(delivery));
      return taken;
    });
    if (lease === undefined) return undefined;
    const steps = [stepRecord('claim', started, 'pass', ours(delivery))];
    return { held: { lease, state, live, steps }, decided };
  });
}

/** The first state of a rollout that moves the traffic: what is staged already need not be waited for. */
function firstState(intent: Intent, staged: boolean): RolloutState {
  const first = begin(intent).state;
  return staged && first.phase === 'staging' ? reduce(first, { kind: 'done' }).state : first;
}

function claim(
  { log, signal }: ActionContext,
  { lock, origin, ...delivery }: Delivery,
  wanting: Wanting,
  begun: RolloutState,
): Promise<Lease> {
  return log.group('Claim the environment', async () => {
    const seen = await delivery.target.fence();
    const lease = await claimLease(lock, { ...wanting, ...origin }, begun, { seen, log, signal });
    log.info(ours(delivery));
    return lease;
  });
}

const ours = ({ settings }: Pick<Delivery, 'settings'>): string =>
  `The rollout lock of ${settings.environment} is ours.`;

const deadState = ({ journal }: Predecessor, begun: RolloutState): RolloutState =>
  journal?.rollout ?? unreadable(begun);

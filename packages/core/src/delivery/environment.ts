import type { ActionContext } from '../action/context.ts';
import type { ModelState } from '../ledger/state.ts';
import { unreadable } from '../rollout/journal.ts';
import { claimLease, type Lease, type Predecessor } from '../rollout/lease.ts';
import { claimed, parting } from '../rollout/reduce.ts';
import { stepRecord, type StepRecord } from '../rollout/run.ts';
import type { RolloutState } from '../rollout/state.ts';
import type { LiveState } from '../serving/target.ts';
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
    await delivery.target.raise(lease.fence);
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
      await delivery.target.raise(lease.fence);
    }
    const after = settled.kind === 'finished' ? await delivery.ledger.read(delivery.settings.model) : state;
    const live = await delivery.target.live(signal);
    return await body({ lease, state: after, live, settled, steps: [...steps, ...trace.steps], ended });
  } finally {
    const how = parting(last);
    if (how === 'release') await lease.release();
    if (how === 'leave') await lease.leave(last);
  }
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

import { UserError, errorMessage } from '@sluice/core/action/errors.ts';
import type { Log } from '@sluice/core/action/log.ts';
import { environmentOf } from '@sluice/core/ledger/assignment.ts';
import { refusal, type Plan, type Refused } from '@sluice/core/ledger/plan.ts';
import { earlierVersions, planRollback, type RollbackRefusal } from '@sluice/core/ledger/rollback.ts';
import type { ModelState, IdentifiedVersion, VersionRecord } from '@sluice/core/ledger/state.ts';
import type { ReadableStore } from '@sluice/core/store/store.ts';
import { requireDigest, type Delivery } from '@sluice/core/delivery/delivery.ts';
import { requireBytes } from '@sluice/core/registry/stores.ts';
import type { Reason } from './definition.ts';
import type { RollbackRequest } from './inputs.ts';

/** The version to go back to. */
export interface Choice {
  /** null: none is to be served. */
  readonly version: IdentifiedVersion | null;
  /** The ledger says that it is live. */
  readonly live: boolean;
  /** The target has its bytes. */
  readonly staged: boolean;
  /** Where to go when it does not answer, in this order. */
  readonly further: readonly VersionRecord[];
}

/** What a rollback is asked to do to the ledger. */
interface Wish extends Pick<
  RollbackRequest,
  'environment' | 'reason' | 'force' | 'hold' | 'to' | 'expectedCurrent'
> {
  /** Says again that a version is live where it is. */
  readonly again?: boolean;
}

/** What choosing needs of the environment. */
interface Reach extends Pick<Delivery, 'origin'> {
  readonly settings: Pick<Delivery['settings'], 'model'>;
  readonly target: Pick<Delivery['target'], 'holds'>;
  readonly store: (record: VersionRecord) => Pick<ReadableStore, 'uris' | 'has' | 'unreachable'>;
}

/**
 * Chooses where to go back to. Bytes are looked at before any traffic moves: on the target's disk or in the store, with
 * the right digest. Without `to`, a version whose bytes are not right is passed over, and the log says so.
 */
export async function chooseTarget(
  delivery: Reach,
  request: Wish,
  state: ModelState,
  log: Pick<Log, 'warning'>,
): Promise<Choice> {
  const { environment, to } = request;
  const unusable = new Set<string>();
  const now = environmentOf(state, environment);
  for (;;) {
    const plan = rollbackPlan(delivery, request, state, to, unusable);
    if (plan.kind === 'refused') throw refused(plan, request);
    if (to === null) return { version: null, live: now.live === undefined, staged: true, further: [] };
    const version = recordOf(state, plan.version);
    try {
      const found = requireDigest(version);
      // Digesting a large model would keep the traffic waiting; it is made good for afterwards.
      const staged = await delivery.target.holds(found.version, found.modelDigest, 'record');
      if (!staged) await requireBytes(delivery.store(found), delivery.settings.model, found);
      const earlier = earlierVersions(state, now, ({ version: name }) => !unusable.has(name));
      const further = to === undefined ? earlier.filter((record) => record !== version) : [];
      return { version: found, live: now.live?.version === found.version, staged, further };
    } catch (error) {
      if (to !== undefined || !(error instanceof UserError)) throw error;
      log.warning(`${plan.version} is passed over: ${errorMessage(error)}`);
      unusable.add(plan.version);
    }
  }
}

/** What the rollback to `to` (undefined: the newest good one; null: none) means for the ledger. */
export function rollbackPlan(
  { origin }: Pick<Delivery, 'origin'>,
  { environment, reason, force, hold, expectedCurrent, again }: Wish,
  state: ModelState,
  to: string | null | undefined,
  unusable: ReadonlySet<string> = new Set(),
): Plan<RollbackRefusal> {
  return planRollback(
    state,
    {
      ...origin,
      environment,
      reason,
      to,
      expectedCurrent,
      releaseQuarantine: force,
      hold,
      again,
      bytesPresent: ({ version }) => !unusable.has(version),
    },
    new Date(),
  );
}

function recordOf(state: ModelState, version: string): VersionRecord {
  const record = state.versions.find((v) => v.version === version);
  if (record === undefined) throw new Error(`the plan names ${version}, which is not in the ledger`);
  return record;
}

/** The ledger's advice is about deploying; here the way out has another name. */
function refused(plan: Refused<RollbackRefusal>, { to, environment }: Wish): UserError<Reason> {
  if (plan.reason !== 'quarantined') return refusal(plan);
  return new UserError<Reason>(
    'quarantined',
    `${to ?? 'The version'} was rolled back in ${environment} before and is quarantined there. Choose another version, or set 'force: true' to go back to it nevertheless.`,
    { decision: 'fail' },
  );
}

import { UserError } from '@sluice/core/action/errors.ts';
import { environmentOf } from '@sluice/core/ledger/assignment.ts';
import { isRollback } from '@sluice/core/ledger/serving-order.ts';
import type { Assignment, ModelState } from '@sluice/core/ledger/state.ts';
import { servedVersion, type LiveState } from '@sluice/core/serving/target.ts';
import type { Reason } from './definition.ts';
import type { RollbackRequest } from './inputs.ts';

/** What a rollback is to leave. */
export type Subject =
  /** What the ledger says is live, if anything. */
  | { readonly kind: 'live' }
  /** It was left already, by the rollback that wrote this. */
  | { readonly kind: 'done'; readonly by: Assignment }
  /** What is live came in its place when the run had been created. */
  | { readonly kind: 'replaced'; readonly by: Assignment }
  /** Something else is served than the ledger says, put there by other means. */
  | { readonly kind: 'drifted'; readonly served: string };

/**
 * What a rollback is to leave: `from`, else what was live when its run was created. A rollback that the ledger has of this run,
 * or of one that was created later, has left that already; and so has a deployment of a run that was created later, or that came
 * after `created`, where that is known. Throws UserError `unknown-version` for a `from` that was never live.
 */
export function subjectOf(
  state: ModelState,
  { environment: name, from, to }: Pick<RollbackRequest, 'environment' | 'from' | 'to'>,
  live: LiveState,
  run: string | undefined,
  created?: Date,
): Subject {
  const { history, live: inLedger } = environmentOf(state, name);
  if (from !== undefined) {
    if (inLedger?.version === from) return { kind: 'live' };
    const by = history.findLast((event) => event.version === from);
    if (by !== undefined) return { kind: 'done', by };
    throw new UserError<Reason>(
      'unknown-version',
      `Input 'from' is '${from}', which was never live in ${name}. Live is ${inLedger?.version ?? 'no version'}; leave 'from' empty to go back from that.`,
      { decision: 'fail' },
    );
  }
  const by = history.findLast((event, index) => isBack(history, index) && isOf(event, run));
  if (by !== undefined) return { kind: 'done', by };
  const since = to === undefined ? broughtBy(history, inLedger?.version) : undefined;
  if (since !== undefined && isAfter(since, run, created)) return { kind: 'replaced', by: since };
  const served = servedVersion(live);
  if (to !== undefined || inLedger === undefined || served === undefined || served === inLedger.version)
    return { kind: 'live' };
  return { kind: 'drifted', served };
}

/** The event that brought in what is live: those after it may say the same again. */
function broughtBy(history: readonly Assignment[], live: string | undefined): Assignment | undefined {
  let first: Assignment | undefined;
  for (const event of history.toReversed()) {
    if (event.kind !== 'assignment' || event.version !== live) break;
    first = event;
  }
  return first;
}

/** Whether an event is of a run that was created after this one, or came when this one had been created. */
function isAfter({ at, trailers }: Assignment, run: string | undefined, created: Date | undefined): boolean {
  const [theirs, ours] = [numbered(trailers.get('Run')), numbered(run)];
  if (theirs !== undefined && ours !== undefined && theirs.place === ours.place && theirs.run > ours.run)
    return true;
  return created !== undefined && at.getTime() > created.getTime();
}

/**
 * Whether an event is of a rollback: its withdrawal of what was live, the assignment that came with that, or its word that it put
 * back what a deployment had not finished.
 */
function isBack(history: readonly Assignment[], index: number): boolean {
  const event = history[index];
  return event?.kind === 'unassignment'
    ? event.trailers.get('Quarantine') === 'true'
    : isRollback(history, index) || event?.trailers.get('Put-Back') !== undefined;
}

/** Whether an event was written by the run, by any of its attempts, or by a run that was created after it: their numbers grow. */
function isOf({ trailers }: Assignment, run: string | undefined): boolean {
  const [theirs, ours] = [numbered(trailers.get('Run')), numbered(run)];
  return theirs !== undefined && ours !== undefined && theirs.place === ours.place && theirs.run >= ours.run;
}

function numbered(url: string | undefined): { place: string; run: number } | undefined {
  const match = /^(.+\/actions\/runs\/)(\d+)(?:\/attempts\/\d+)?$/.exec(url ?? '');
  return match?.[1] === undefined ? undefined : { place: match[1], run: Number(match[2]) };
}

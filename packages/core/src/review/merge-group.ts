import type { ActionContext } from '../action/context.ts';
import { isUserError } from '../action/errors.ts';
import { QUEUE, queueEntryOf, type QueuedPull } from '../forge/event.ts';
import { findRemote } from '../ledger/remote.ts';
import { Scratch } from '../ledger/scratch.ts';

/** The most pull requests of one group that are looked at; GitHub puts at most a hundred into one. */
const MOST = 100;

/**
 * Numbers of the pull requests that the queue has put before one, the last first: the branch that a merge queue makes for a pull
 * request begins where the one before it ends, and its name says where that is. `tips` are the queue's branches and their commits.
 */
export function earlierPulls({ branch, base }: QueuedPull, tips: ReadonlyMap<string, string>): number[] {
  const entries = [...tips].flatMap(([ref, tip]) => {
    const entry = queueEntryOf(ref, branch);
    return entry === undefined ? [] : [{ ...entry, tip }];
  });
  const found: number[] = [];
  for (let at = base; found.length < MOST;) {
    const before = entries.find(({ tip, number }) => tip === at && !found.includes(number));
    if (before === undefined) break;
    found.push(before.number);
    at = before.base;
  }
  return found;
}

/** The same, as the remote has the queue now; none where the job has no checkout that knows it. */
export async function findEarlierPulls(
  { directory, env, inputs, signal }: ActionContext,
  queued: QueuedPull,
): Promise<number[]> {
  try {
    const token = inputs['github-token'] || undefined;
    const access = await findRemote({ directory, token, serverUrl: env['GITHUB_SERVER_URL'], signal });
    const tips = await Scratch.use(access, signal, (scratch) => scratch.tips([`${QUEUE}${queued.branch}/*`]));
    return earlierPulls(queued, tips);
  } catch (error) {
    if (isUserError(error) && error.reasonCode !== 'cancelled') return [];
    throw error;
  }
}

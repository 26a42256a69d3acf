import { runGit } from './git.ts';
import { redacted } from './refused.ts';
import type { RemoteAccess } from './remote.ts';
import { Scratch } from './scratch.ts';

/** How many commits are looked at, and fetched where the checkout is shallow. */
export const HISTORY_DEPTH = 1000;

/** A commit of the wanted ones, and how many commits the newer one is ahead of it. */
export interface Ancestor {
  readonly commit: string;
  readonly behind: number;
}

/** Why history could not be looked at, in git's words. */
export interface HistoryGap {
  readonly why: string;
}

/** Runs a git command that reads commits; undefined when it failed. */
type Ask = (...args: readonly string[]) => Promise<string | undefined>;

/**
 * The nearest of `wanted` among a commit and its ancestors, at most HISTORY_DEPTH of them: no other of `wanted` lies
 * between. Undefined when there is none. A shallow checkout does not know; then the commits are fetched, without files,
 * to a place of their own.
 */
export async function nearestAncestor(
  access: RemoteAccess,
  commit: string,
  wanted: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<Ancestor | HistoryGap | undefined> {
  return withHistory(access, [commit], signal, (ask) => nearest(ask, commit, wanted));
}

/**
 * The best common ancestor of a branch of the remote and a commit, or undefined when they have none within
 * HISTORY_DEPTH commits. Fetches what a shallow checkout lacks, as `nearestAncestor` does.
 */
export async function mergeBaseOf(
  access: RemoteAccess,
  branch: string,
  commit: string,
  signal?: AbortSignal,
): Promise<{ readonly commit: string } | HistoryGap | undefined> {
  return withHistory(access, [`refs/heads/${branch}`, commit], signal, async (ask, tips) => {
    const found = await ask('merge-base', tips[0] ?? `refs/remotes/origin/${branch}`, tips[1] ?? commit);
    return found === undefined ? undefined : { commit: found };
  });
}

/**
 * Whether a commit is among the ancestors of another, or is an empty child of one, as a retraining is registered at. Undefined
 * where it cannot be told within HISTORY_DEPTH commits.
 */
export async function isInHistory(
  access: RemoteAccess,
  head: string,
  commit: string,
  signal?: AbortSignal,
): Promise<boolean | undefined> {
  const found = await withHistory(access, [head, commit], signal, async (ask, tips) => {
    const common = await ask('merge-base', tips[0] ?? head, tips[1] ?? commit);
    if (common === undefined) return undefined;
    return { isIn: common === commit || (await isEmptyChild(ask, commit, common)) };
  });
  return found !== undefined && 'isIn' in found ? found.isIn : undefined;
}

/** Commits alone are looked at: their trees may not be here. */
async function isEmptyChild(ask: Ask, commit: string, parent: string): Promise<boolean> {
  const treeOf = (one: string): Promise<string | undefined> => ask('log', '-1', '--format=%T', one, '--');
  if ((await ask('log', '-1', '--format=%P', commit, '--')) !== parent) return false;
  return (await treeOf(commit)) === (await treeOf(parent));
}

async function nearest(ask: Ask, commit: string, wanted: ReadonlySet<string>): Promise<Ancestor | undefined> {
  // In this order no commit comes before its children: the first hit has no other between it and the start.
  const walked = await ask('rev-list', '--date-order', `--max-count=${HISTORY_DEPTH}`, commit, '--');
  const found = walked?.split('\n').find((id) => wanted.has(id));
  if (found === undefined) return undefined;
  const behind = await ask('rev-list', '--count', `${found}..${commit}`, '--');
  return { commit: found, behind: Number(behind) };
}

/** Asks the checkout where it is whole, and otherwise a scratch repository that fetched the history of `wanted`. */
async function withHistory<T extends object>(
  access: RemoteAccess,
  wanted: readonly string[],
  signal: AbortSignal | undefined,
  body: (ask: Ask, tips: readonly string[]) => Promise<T | undefined>,
): Promise<T | HistoryGap | undefined> {
  const ask = checkoutOf(access, signal);
  if ((await ask('rev-parse', '--is-shallow-repository')) === 'false') {
    const found = await body(ask, []);
    if (found !== undefined) return found;
  }
  return Scratch.use(access, signal, async (scratch) => {
    const failed = await scratch.fetchCommits(wanted, HISTORY_DEPTH);
    if (failed !== undefined) return { why: redacted(access, failed) };
    return body(
      (...args) => scratch.ask(...args),
      wanted.map((_, i) => `refs/history/${i}`),
    );
  });
}

function checkoutOf({ repository, config }: RemoteAccess, signal: AbortSignal | undefined): Ask {
  return async (...args) => {
    const { code, stdout } = await runGit(args, { repository, config, signal });
    return code === 0 ? stdout.trim() : undefined;
  };
}

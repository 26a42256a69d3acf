import {
  mergeBase,
  newestFirst,
  parseCommit,
  reachable,
  type Commit,
  type CommitGraph,
} from './commit-graph.ts';
import { runGit } from './git.ts';
import type { ObjectSource } from './local-repository.ts';
import { forgedObject, readPrinted } from './printed-objects.ts';
import { redacted } from './refused.ts';
import type { RemoteAccess } from './remote.ts';
import { Scratch } from './scratch.ts';

/** How many commits are looked at, and fetched where the checkout is shallow. */
export const HISTORY_DEPTH = 1000;

/** How many are looked at where they are here already. */
const MOST_HERE = 10_000;

/** A longer commit is not read. */
const LONGEST_COMMIT = 1 << 20;

/** A commit of the wanted ones, and how many commits the newer one is ahead of it. */
export interface Ancestor {
  readonly commit: string;
  readonly behind: number;
}

/** Why history could not be looked at, in git's words where git failed. */
export interface HistoryGap {
  readonly why: string;
}

/** Where commits are read. */
interface CommitSource extends ObjectSource {
  /** What a command that only reads printed; undefined when it failed. */
  ask(...args: readonly string[]): Promise<string | undefined>;
}

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
  return withHistory(access, [commit], signal, (graph, [from = commit]) => {
    const walked = newestFirst(graph, from).slice(0, HISTORY_DEPTH);
    // No commit comes before its children: the first hit has no other between it and the start.
    const found = walked.find((id) => wanted.has(id));
    if (found === undefined) return undefined;
    return { commit: found, behind: reachable(graph, from).size - reachable(graph, found).size };
  });
}

/**
 * The best common ancestor of a branch of the remote and a commit, or undefined when they have none among the commits that are
 * looked at. Fetches what a shallow checkout lacks, as `nearestAncestor` does.
 */
export async function mergeBaseOf(
  access: RemoteAccess,
  branch: string,
  commit: string,
  signal?: AbortSignal,
): Promise<{ readonly commit: string } | HistoryGap | undefined> {
  const wanted = [`refs/heads/${branch}`, commit];
  return withHistory(access, wanted, signal, (graph, [one = '', other = '']) => {
    const found = mergeBase(graph, one, other);
    return found === undefined ? undefined : { commit: found };
  });
}

/**
 * Whether a commit is among the ancestors of another, or is an empty child of one, as a retraining is registered at. Undefined
 * where it cannot be told among the commits that are looked at.
 */
export async function isInHistory(
  access: RemoteAccess,
  head: string,
  commit: string,
  signal?: AbortSignal,
): Promise<boolean | undefined> {
  const found = await withHistory(access, [head, commit], signal, (graph, [from = head, to = commit]) => {
    const common = mergeBase(graph, from, to);
    if (common === undefined) return undefined;
    return { isIn: common === to || isEmptyChild(graph, to, common) };
  });
  return found !== undefined && 'isIn' in found ? found.isIn : undefined;
}

function isEmptyChild(graph: CommitGraph, commit: string, parent: string): boolean {
  const { parents, tree } = graph.get(commit) ?? { parents: [], tree: '' };
  return parents.length === 1 && parents[0] === parent && tree === graph.get(parent)?.tree;
}

/**
 * Looks at the checkout where it is whole, and otherwise at a scratch repository that fetched the history of `wanted`. A ref of
 * the remote is looked for in the checkout where actions/checkout leaves it. `body` gets the ids of `wanted` too.
 */
async function withHistory<T extends object>(
  access: RemoteAccess,
  wanted: readonly string[],
  signal: AbortSignal | undefined,
  body: (graph: CommitGraph, tips: readonly string[]) => T | undefined,
): Promise<T | HistoryGap | undefined> {
  const look = async (
    source: CommitSource,
    names: readonly string[],
    most: number,
  ): Promise<T | HistoryGap | undefined> => {
    const read = await readCommits(source, names, most);
    return read === undefined || 'why' in read ? read : body(read.graph, read.tips);
  };
  const checkout = checkoutOf(access, signal);
  if ((await checkout.ask('rev-parse', '--is-shallow-repository')) === 'false') {
    const here = wanted.map((name) => name.replace(/^refs\/heads\//, 'refs/remotes/origin/'));
    const found = await look(checkout, here, MOST_HERE);
    if (found !== undefined) return found;
  }
  return Scratch.use(access, signal, async (scratch) => {
    const failed = await scratch.fetchCommits(wanted, HISTORY_DEPTH);
    if (failed !== undefined) return { why: redacted(access, failed) };
    const fetched = wanted.map((_, i) => `refs/history/${i}`);
    return look(scratch, fetched, HISTORY_DEPTH * wanted.length);
  });
}

/**
 * The commits that some names lead to, at most `most`, and those that the names stand for; undefined where one is not here. Git
 * says which they are, and what they say is believed of bytes that have the id: whoever can write into `.git` can put others
 * there.
 */
async function readCommits(
  source: CommitSource,
  names: readonly string[],
  most: number,
): Promise<{ readonly graph: CommitGraph; readonly tips: readonly string[] } | HistoryGap | undefined> {
  const tips = await source.ask('rev-parse', ...names.map((name) => `${name}^{commit}`));
  const listed = await source.ask('rev-list', `--max-count=${most}`, ...names, '--');
  if (!tips || !listed) return undefined;
  const ids = listed.split('\n');
  const graph = new Map<string, Commit>();
  let forged: string | undefined;
  let at = 0;
  const reading = readPrinted({
    format: source.objectFormat,
    longest: LONGEST_COMMIT,
    take: (object) => {
      const id = ids[at++] ?? '';
      if (object !== undefined && object.id !== id) forged ??= id;
      else if (object?.type === 'commit' && object.bytes !== undefined)
        graph.set(id, parseCommit(object.bytes));
    },
  });
  await source.objects(ids, reading);
  return forged === undefined ? { graph, tips: tips.split('\n') } : { why: forgedObject(forged) };
}

function checkoutOf(
  { repository, config: given, objectFormat }: RemoteAccess,
  signal: AbortSignal | undefined,
): CommitSource {
  // A file of its own that says which parents a commit has.
  const config = [...given, ['core.commitGraph', 'false'] as const];
  return {
    objectFormat,
    ask: async (...args) => {
      const { code, stdout } = await runGit(args, { repository, config, signal });
      return code === 0 ? stdout.trim() : undefined;
    },
    objects: async (ids, output) => {
      await runGit(['cat-file', '--batch', '--buffer'], {
        repository,
        config,
        signal,
        input: ids.join('\n'),
        output,
      });
    },
  };
}

import { redacted } from './refused.ts';
import type { RemoteAccess } from './remote.ts';
import type { HistoryGap } from './history.ts';
import { Scratch } from './scratch.ts';

/** What two commits have otherwise. */
export interface Difference {
  /** Paths from the top that are not the same, also those that only one of them has. */
  readonly paths: readonly string[];
  /** The text of the file that was asked for, as `from` has it; undefined where it has none. */
  readonly before: string | undefined;
}

/** Two commits. */
export interface TwoCommits {
  readonly from: string;
  /** A commit that the checkout has. */
  readonly to: string;
}

/**
 * Compares two commits file by file, without reading a file, and reads `file` as it was before. A shallow checkout does not know
 * `from`; then that commit is fetched, without its files, to a place of its own.
 */
export async function differenceOf(
  access: RemoteAccess,
  { file, ...commits }: TwoCommits & { readonly file: string },
  signal?: AbortSignal,
): Promise<Difference | HistoryGap> {
  return withChanges(access, commits, signal, async (scratch, paths) => ({
    paths,
    before: paths.includes(file) ? await scratch.fetchText(commits.from, file) : undefined,
  }));
}

/** Hands the paths that two commits have otherwise to `body`, with a repository that has all of their folders. */
export async function withChanges<T extends object>(
  access: RemoteAccess,
  { from, to }: TwoCommits,
  signal: AbortSignal | undefined,
  body: (scratch: Scratch, paths: readonly string[]) => Promise<T>,
): Promise<T | HistoryGap> {
  const compare = async (scratch: Scratch): Promise<T | undefined> => {
    const compared = await scratch.ask('diff-tree', '-r', '-z', '--no-renames', '--name-only', from, to);
    const paths = compared?.split('\0').filter((name) => name !== '');
    return paths && body(scratch, paths);
  };
  const fetched = async (
    scratch: Scratch,
    commits: readonly string[],
  ): Promise<T | HistoryGap | undefined> => {
    for (const commit of commits) {
      const failed = await scratch.fetchTrees(commit);
      if (failed !== undefined) return { why: redacted(access, failed) };
    }
    return compare(scratch);
  };
  const here = await Scratch.use(
    access,
    signal,
    async (scratch) => (await compare(scratch)) ?? fetched(scratch, [from]),
  );
  if (here !== undefined) return here;
  // Of commits that a partial clone has without their folders, git does not ask for these.
  const alone = await Scratch.useAlone(access, signal, (scratch) => fetched(scratch, [from, to]));
  return alone ?? { why: `git cannot compare ${from} with ${to}` };
}

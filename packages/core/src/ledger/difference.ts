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
  return Scratch.use(access, signal, async (scratch) => {
    const changed = await changedPaths(scratch, access, commits);
    if ('why' in changed) return changed;
    const before = changed.paths.includes(file) ? await scratch.fetchText(commits.from, file) : undefined;
    return { ...changed, before };
  });
}

/** The paths that two commits have otherwise; both have all of their trees then. */
export async function changedPaths(
  scratch: Scratch,
  access: RemoteAccess,
  { from, to }: TwoCommits,
): Promise<Pick<Difference, 'paths'> | HistoryGap> {
  const compare = (): Promise<string | undefined> =>
    scratch.ask('diff-tree', '-r', '-z', '--no-renames', '--name-only', from, to);
  let compared = await compare();
  if (compared === undefined) {
    const failed = await scratch.fetchTrees(from);
    if (failed !== undefined) return { why: redacted(access, failed) };
    compared = await compare();
  }
  if (compared === undefined) return { why: `git cannot compare ${from} with ${to}` };
  return { paths: compared.split('\0').filter((name) => name !== '') };
}

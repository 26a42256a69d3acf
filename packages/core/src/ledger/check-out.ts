import type { HistoryGap } from './history.ts';
import { redacted } from './refused.ts';
import type { RemoteAccess } from './remote.ts';
import { Scratch } from './scratch.ts';

/**
 * Writes the files of a commit into an empty folder, also out of a clone that lacks some of them: then all are fetched, to a place of
 * their own. Neither hooks nor filters run; of Git LFS there are the pointers. Returns why it failed.
 */
export async function checkOutCommit(
  access: RemoteAccess,
  commit: string,
  folder: string,
  signal?: AbortSignal,
): Promise<HistoryGap | undefined> {
  const isHere = await Scratch.use(access, signal, (scratch) => scratch.checkOut(commit, folder));
  if (isHere === undefined) return undefined;
  // With what a partial clone has borrowed, git would not ask for the rest.
  const failed = await Scratch.useAlone(
    access,
    signal,
    async (scratch) => (await scratch.fetchWhole(commit)) ?? scratch.checkOut(commit, folder),
  );
  return failed === undefined ? undefined : { why: redacted(access, failed) };
}

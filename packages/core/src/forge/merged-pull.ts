import * as z from 'zod/mini';
import { ForgeRefusal, withRetries, type ForgeApi } from './api.ts';
import { listed } from './pages.ts';

const pullSchema = z.object({
  id: z.number(),
  number: z.number(),
  merged_at: z.nullable(z.string()),
  merge_commit_sha: z.nullable(z.string()),
  base: z.object({ ref: z.string(), repo: z.nullable(z.object({ full_name: z.string() })) }),
});

/** A commit, and where it has to have come to by the merge. */
export interface MergedCommit {
  /** Full id. */
  readonly commit: string;
  /** Short name of the branch. */
  readonly branch: string;
  /** `owner/name`. */
  readonly repository: string;
}

/**
 * Number of the pull request whose merge made this commit of the branch: the merge commit, the squashed one, or the last
 * one of a rebase. Undefined where there is none, where the forge does not know the commit, and on Gitea and Forgejo,
 * which have no such list. Throws ForgeRefusal or ForgeUnavailable.
 */
export async function findMergedPull(
  api: ForgeApi,
  { commit, branch, repository }: MergedCommit,
): Promise<number | undefined> {
  const route = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls';
  try {
    return await withRetries(api, async () => {
      for await (const pull of listed(api, route, { commit_sha: commit }, pullSchema)) {
        const { base, merged_at: merged, merge_commit_sha: made } = pull;
        const isHere = base.ref === branch && base.repo?.full_name.toLowerCase() === repository.toLowerCase();
        if (merged !== null && made === commit && isHere) return pull.number;
      }
      return undefined;
    });
  } catch (error) {
    if (error instanceof ForgeRefusal && isUnknown(error)) return undefined;
    throw error;
  }
}

/** GitHub explains its 404; a path that a server does not know is answered by its router, without a word of the forge. */
function isUnknown({ status, said }: ForgeRefusal): boolean {
  return status === 422 || (status === 404 && said === '');
}

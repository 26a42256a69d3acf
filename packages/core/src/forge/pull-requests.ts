import * as z from 'zod/mini';
import { withRetries, type ForgeApi } from './api.ts';
import type { PullRequest } from './event.ts';
import { listed } from './pages.ts';

const pullSchema = z.object({
  number: z.number(),
  head: z.object({ sha: z.string(), repo: z.nullable(z.object({ full_name: z.string() })) }),
  base: z.object({ ref: z.string() }),
});

/** With an id, by which pages are told apart. */
const openSchema = z.extend(pullSchema, { id: z.number(), state: z.string() });

/** Where a change comes from, as the forge's own event says. */
export interface PullHead {
  /** `owner/name` of the repository that has the branch. */
  readonly repository: string;
  readonly branch: string;
  readonly sha: string;
}

/** An open pull request. */
export interface FoundPull {
  readonly number: number;
  readonly baseRef: string;
}

/**
 * The oldest open pull request whose head is exactly this commit of this branch of this repository; undefined when there
 * is none, for example because the branch has moved on. The commit's own list of pull requests leaves out those of
 * forks, and so does a `workflow_run` event. Throws ForgeRefusal or ForgeUnavailable.
 */
export async function findPull(api: ForgeApi, head: PullHead): Promise<FoundPull | undefined> {
  const [owner = ''] = head.repository.split('/');
  const pulls = await withRetries(api, () =>
    api.request(
      'GET /repos/{owner}/{repo}/pulls',
      { head: `${owner}:${head.branch}`, state: 'open', sort: 'created', direction: 'asc', per_page: 100 },
      z.array(pullSchema),
    ),
  );
  // An owner may have several forks with the same branch, and a filter that the forge does not understand filters nothing.
  const own = pulls
    .filter((pull) => pull.head.sha === head.sha && pull.head.repo?.full_name === head.repository)
    .sort((a, b) => a.number - b.number);
  const [first] = own;
  return first === undefined ? undefined : { number: first.number, baseRef: first.base.ref };
}

/**
 * The open pull request with this number, if this commit is its head; undefined where it is not, and for those of forks,
 * which the list leaves out. Throws ForgeRefusal or ForgeUnavailable.
 */
export async function findPullAt(
  api: ForgeApi,
  number: number,
  sha: string,
): Promise<PullRequest | undefined> {
  const route = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls';
  return withRetries(api, async () => {
    for await (const { number: own, state, head, base } of listed(
      api,
      route,
      { commit_sha: sha },
      openSchema,
    )) {
      if (own === number && state === 'open' && head.sha === sha)
        return { number, headSha: sha, baseRef: base.ref, fork: false };
    }
    return undefined;
  });
}

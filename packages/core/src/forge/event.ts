import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { parseJson } from '../action/json.ts';

const repository = z.nullish(z.object({ full_name: z.string() }));
/** The fields used of GitHub's webhook payloads. */
const eventSchema = z.object({
  pull_request: z.optional(
    z.object({
      number: z.number(),
      head: z.object({ sha: z.string(), repo: repository }),
      base: z.object({ ref: z.string(), repo: repository }),
    }),
  ),
});

/** The pull request that a run is about. */
export interface PullRequest {
  readonly number: number;
  /** The commit whose checks the page shows; not the merge commit that the run has checked out. */
  readonly headSha: string;
  readonly baseRef: string;
  /** Whether it comes from another repository, so that its token may only read. */
  readonly fork: boolean;
}

/** Reads the pull request from GITHUB_EVENT_PATH; undefined for other events and where there is no event. */
export async function readPullRequest(env: Readonly<NodeJS.ProcessEnv>): Promise<PullRequest | undefined> {
  const event = eventSchema.safeParse(await readEvent(env));
  const given = event.data?.pull_request;
  if (given === undefined) return undefined;
  return {
    number: given.number,
    headSha: given.head.sha,
    baseRef: given.base.ref,
    // The fork may be deleted; then its name is not known, but it was one.
    fork: given.head.repo?.full_name !== given.base.repo?.full_name,
  };
}

/** The event's payload, not yet checked; undefined where there is none. */
export async function readEvent(env: Readonly<NodeJS.ProcessEnv>): Promise<unknown> {
  const file = env['GITHUB_EVENT_PATH'];
  return file ? parseJson(await readFile(file, 'utf8')) : undefined;
}

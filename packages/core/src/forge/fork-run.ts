import * as z from 'zod/mini';
import { readEvent } from './event.ts';
import type { PullHead } from './pull-requests.ts';

const eventSchema = z.object({
  workflow_run: z.object({
    event: z.string(),
    head_sha: z.string().check(z.regex(/^[0-9a-f]{40,64}$/)),
    head_branch: z.string().check(z.minLength(1)),
    head_repository: z.nullable(z.object({ full_name: z.string() })),
  }),
});

/** What a `workflow_run` event says about a run that a pull request from a fork started. */
export type ForkRun =
  | { readonly kind: 'fork'; readonly head: PullHead }
  /** The fork was deleted meanwhile, or the event is not what GitHub sends. */
  | { readonly kind: 'unknown' };

/**
 * The fork's run that a run in the name of the repository itself is about; undefined for every other event, and for pull
 * requests from the repository's own branches. Whose branch it is and what it is called, the fork's owner decides: these
 * are values to look up, never part of a command or a path.
 */
export async function readForkRun(env: Readonly<NodeJS.ProcessEnv>): Promise<ForkRun | undefined> {
  if (env['GITHUB_EVENT_NAME'] !== 'workflow_run') return undefined;
  const parsed = eventSchema.safeParse(await readEvent(env));
  if (!parsed.success) return { kind: 'unknown' };
  const { event, head_sha: sha, head_branch: branch, head_repository: head } = parsed.data.workflow_run;
  if (head === null) return { kind: 'unknown' };
  const isOwn = head.full_name.toLowerCase() === env['GITHUB_REPOSITORY']?.toLowerCase();
  if (isOwn || !event.startsWith('pull_request')) return isOwn ? undefined : { kind: 'unknown' };
  return { kind: 'fork', head: { repository: head.full_name, branch, sha } };
}

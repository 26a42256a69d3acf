import { LIMITS, readBoundedText } from '../action/limits.ts';
import * as z from 'zod/mini';
import { parseJson } from '../action/json.ts';

const repository = z.nullish(z.object({ full_name: z.string() }));
const commit = z.string().check(z.regex(/^[0-9a-f]{40,64}$/));
/** The fields used of GitHub's webhook payloads. */
const eventSchema = z.object({
  pull_request: z.optional(
    z.object({
      number: z.number(),
      head: z.object({ sha: z.string(), repo: repository }),
      base: z.object({ ref: z.string(), repo: repository }),
    }),
  ),
  merge_group: z.optional(z.object({ head_sha: commit, head_ref: z.string(), base_ref: z.string() })),
  workflow_run: z.optional(z.object({ head_sha: commit })),
  issue: z.optional(z.object({ number: z.number(), pull_request: z.optional(z.unknown()) })),
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

/** The last pull request of a merge group, and the branch that it is to be merged into. */
export interface QueuedPull {
  readonly number: number;
  readonly branch: string;
  /** Full id of the commit that the group is made on: the branch, or the group before it in the queue. */
  readonly base: string;
}

/** What the event of a run is about. */
export type EventSubject =
  /** `isTarget`: the run has the base's commit and its token, as `pull_request_target` has it. */
  | { readonly kind: 'pull'; readonly pull: PullRequest; readonly isTarget: boolean }
  /** A comment on a pull request, whose event does not say what its head is. */
  | { readonly kind: 'comment'; readonly number: number }
  | { readonly kind: 'merge-group'; readonly headSha: string; readonly queued: QueuedPull | undefined }
  /** Another run that has ended (`workflow_run`); undefined where the event does not say what it was about. */
  | { readonly kind: 'finished-run'; readonly headSha: string | undefined }
  /** The run's own commit, as for `push`. Absent outside of a workflow. */
  | { readonly kind: 'commit'; readonly headSha: string | undefined };

/** Reads what GITHUB_EVENT_PATH is about. */
export async function readEventSubject(env: Readonly<NodeJS.ProcessEnv>): Promise<EventSubject> {
  const { GITHUB_EVENT_NAME: name, GITHUB_SHA: sha } = env;
  const event = eventSchema.safeParse(await readEvent(env)).data;
  const { pull_request: pull, merge_group: group, issue } = event ?? {};
  if (pull !== undefined) {
    return { kind: 'pull', pull: pullOf(pull), isTarget: name === 'pull_request_target' };
  }
  if (group !== undefined) return { kind: 'merge-group', headSha: group.head_sha, queued: queuedPull(group) };
  if (name === 'workflow_run') return { kind: 'finished-run', headSha: event?.workflow_run?.head_sha };
  if (issue?.pull_request !== undefined) return { kind: 'comment', number: issue.number };
  return { kind: 'commit', headSha: sha === '' ? undefined : sha };
}

type PullEvent = NonNullable<z.infer<typeof eventSchema>['pull_request']>;

function pullOf({ number, head, base }: PullEvent): PullRequest {
  return {
    number,
    headSha: head.sha,
    baseRef: base.ref,
    // The fork may be deleted; then its name is not known, but it was one.
    fork: head.repo?.full_name !== base.repo?.full_name,
  };
}

/**
 * The pull request that GitHub made a merge group's branch for. It writes the branches `gh-readonly-queue/` itself, and
 * nobody may push to them: `gh-readonly-queue/main/pr-7-<commit>`.
 */
function queuedPull({
  head_ref: head,
  base_ref: base,
}: {
  readonly head_ref: string;
  readonly base_ref: string;
}): QueuedPull | undefined {
  const branch = base.replace(/^refs\/heads\//, '');
  const entry = queueEntryOf(head, branch);
  return entry && { ...entry, branch };
}

/** Where GitHub keeps the branches of merge queues. */
export const QUEUE = 'refs/heads/gh-readonly-queue/';

/** The pull request that a branch of a merge queue is made for, and the commit that it is made on. */
export function queueEntryOf(ref: string, branch: string): Pick<QueuedPull, 'number' | 'base'> | undefined {
  const prefix = `${QUEUE}${branch}/pr-`;
  const [, number, base = ''] =
    (ref.startsWith(prefix) && /^(\d{1,10})-([0-9a-f]+)$/.exec(ref.slice(prefix.length))) || [];
  return number === undefined ? undefined : { number: Number(number), base };
}

/** Events of what a branch has already, and not of a change that is to be merged. */
const AFTER_MERGE = ['push', 'schedule', 'workflow_dispatch', 'repository_dispatch'];

/** Whether the run is about what a branch has already. */
export function isAfterMerge({ GITHUB_EVENT_NAME: name = '' }: Readonly<NodeJS.ProcessEnv>): boolean {
  return AFTER_MERGE.includes(name);
}

/** The event's payload, not yet checked; undefined where there is none. */
export async function readEvent(env: Readonly<NodeJS.ProcessEnv>): Promise<unknown> {
  const file = env['GITHUB_EVENT_PATH'];
  return file
    ? parseJson(
        await readBoundedText(file, {
          name: "The event's payload",
          reason: 'bad-input',
          limit: LIMITS.records,
        }),
      )
    : undefined;
}

import type { ActionContext } from '../action/context.ts';
import { errorMessage, isUserError } from '../action/errors.ts';
import { ForgeRefusal } from '../forge/api.ts';
import { untilCancelled } from '../forge/deadline.ts';
import { readEventSubject, type EventSubject, type PullRequest, type QueuedPull } from '../forge/event.ts';
import { openGitHub } from '../forge/github.ts';
import { findPullAt } from '../forge/pull-requests.ts';
import { readCheckedOut } from '../ledger/checked-out.ts';

/** Which commit a verdict is about, as far as event and checkout agree. */
export type Subject =
  | {
      readonly kind: 'known';
      readonly headSha: string;
      readonly pull?: PullRequest;
      /** The pull request that a merge queue is about to merge. */
      readonly queued?: QueuedPull;
    }
  /** What is judged is not what the event is about: nobody may be shown it there. `why` says what to change. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** Outside of a workflow. */
  | { readonly kind: 'none' };

/** The commit that is checked out. */
export interface CheckedOut {
  readonly commit: string;
  /** First parent first. */
  readonly parents: readonly string[];
}

/** An event, with the pull request of a comment looked up: the reason where its head is not what is checked out. */
export type LookedUp =
  | Exclude<EventSubject, { kind: 'comment' }>
  | {
      readonly kind: 'comment';
      readonly number: number;
      readonly pull: PullRequest | { readonly why: string };
    };

/**
 * Compares what the event is about with what is checked out. A pull request's commit is judged where it is checked out
 * itself, or merged into something (`refs/pull/N/merge`, what actions/checkout takes). Without a checkout the numbers came
 * from elsewhere; that contradicts nothing where the run is about its own commit alone.
 */
export function subjectOf(event: LookedUp, head: CheckedOut | undefined): Subject {
  switch (event.kind) {
    case 'pull':
      return ofPull(event, head);
    case 'comment':
      return 'why' in event.pull
        ? unknown(head, `the comment is on pull request ${event.number}`, event.pull.why)
        : { kind: 'known', headSha: event.pull.headSha, pull: event.pull };
    case 'merge-group': {
      const { headSha, queued } = event;
      if (head === undefined || head.commit === headSha) {
        return { kind: 'known', headSha, ...(queued === undefined ? {} : { queued }) };
      }
      return unknown(head, `the merge group is ${short(headSha)}`, NO_REF);
    }
    case 'finished-run': {
      const { headSha } = event;
      if (headSha !== undefined && judges(head, headSha)) return { kind: 'known', headSha };
      return unknown(
        head,
        `the run that has ended was about ${short(headSha)}`,
        "Set 'ref' of actions/checkout to github.event.workflow_run.head_sha, or run the gate in that workflow itself.",
      );
    }
    case 'commit': {
      const { headSha } = event;
      if (headSha === undefined) return { kind: 'none' };
      if (head === undefined || head.commit === headSha) return { kind: 'known', headSha };
      return unknown(
        head,
        `the run is about ${short(headSha)}`,
        `${NO_REF} To judge another branch, start the workflow there (gh workflow run --ref BRANCH). To judge a commit that the job makes, let the push of it start the gate.`,
      );
    }
  }
}

const NO_REF = "Remove 'ref' and 'repository' from actions/checkout.";

function ofPull({ pull, isTarget }: EventSubject & { kind: 'pull' }, head: CheckedOut | undefined): Subject {
  const { number, headSha, fork } = pull;
  const about = `pull request ${number} is about ${short(headSha)}`;
  if (isTarget && (head === undefined || !judges(head, headSha))) {
    return unknown(
      head,
      about,
      'Run the gate on pull_request; pull_request_target checks the base branch out. A fork is judged by fork-report.yml.',
    );
  }
  if (isTarget && fork) {
    return {
      kind: 'unknown',
      why: `Pull request ${number} comes from a fork, and its code and rules are checked out in a run that has the rights of this repository (pull_request_target), so it would vouch for itself. Nothing is shown on it. Run the gate on pull_request, and show the verdict by fork-report.yml.`,
    };
  }
  if (head === undefined || judges(head, headSha)) return { kind: 'known', headSha, pull };
  return unknown(
    head,
    about,
    `${NO_REF} Let the gate run before a step that commits, or let the push of that commit start it.`,
  );
}

/** Whether a commit is what is checked out, or was merged into it. */
function judges(head: CheckedOut | undefined, commit: string): boolean {
  return head !== undefined && [head.commit, ...head.parents.slice(1)].includes(commit);
}

function unknown(head: CheckedOut | undefined, about: string, remedy: string): Subject {
  const judged =
    head === undefined ? 'No commit is checked out' : `The commit ${short(head.commit)} is judged`;
  return {
    kind: 'unknown',
    why: `${judged}, but ${about}. So the verdict is shown at no commit and on no pull request; it is in the job summary. ${remedy}`,
  };
}

function short(commit: string | undefined): string {
  return commit === undefined ? 'a commit that it does not name' : commit.slice(0, 12);
}

/** What this run's verdict is about. Says so in one warning where it cannot be told. */
export async function findSubject(context: ActionContext): Promise<Subject> {
  const event = await readEventSubject(context.env);
  const head = await checkedOut(context);
  const subject = subjectOf(
    event.kind === 'comment' ? { ...event, pull: await lookUp(context, event.number, head) } : event,
    head,
  );
  if (subject.kind === 'unknown') {
    context.log.warning(subject.why, { title: 'evaluate-gate: another commit is judged' });
  }
  return subject;
}

/** A job that got its numbers from another one needs no git. */
async function checkedOut({ directory }: ActionContext): Promise<CheckedOut | undefined> {
  try {
    return await readCheckedOut(directory);
  } catch (error) {
    if (isUserError(error) && error.reasonCode === 'missing-file') return undefined;
    throw error;
  }
}

/** The pull request of a comment, if its head is what is checked out. */
async function lookUp(
  { env, inputs, signal }: ActionContext,
  number: number,
  head: CheckedOut | undefined,
): Promise<PullRequest | { readonly why: string }> {
  const why = `Run the gate on pull_request. With issue_comment, check out the head of a branch of this repository; a fork is judged by fork-report.yml.`;
  const api = await openGitHub(env, inputs['github-token'], untilCancelled(signal));
  if (head === undefined || api === undefined) return { why };
  try {
    for (const commit of [head.commit, ...head.parents.slice(1)]) {
      const pull = await findPullAt(api, number, commit);
      if (pull !== undefined) return pull;
    }
    return { why };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ForgeRefusal && error.status !== 403) return { why };
    return {
      why: `Its head could not be asked: ${errorMessage(error)}. The job needs permissions: {pull-requests: write}. ${why}`,
    };
  }
}

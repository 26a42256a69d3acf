import type { Answer } from './answer.ts';
import { exampleOf } from './described.ts';
import { paged } from './paging.ts';
import { reading, type Call, type Routes } from './route.ts';
import { NOW } from './world.ts';

/** A workflow run; its id says when it was created, the larger the later. */
export interface StoredRun {
  readonly id: number;
  readonly headSha: string;
  /** `completed`, or a state before it such as `queued`. */
  status: string;
  /** With its first attempt. */
  readonly createdAt?: Date;
}

/** A pull request, as far as lists of them are filtered and read. */
export interface StoredPull {
  readonly number: number;
  readonly state: 'open' | 'closed';
  readonly head: { readonly repository: string; readonly branch: string; readonly sha: string };
  readonly base: string;
  /** Another repository of the network than this one, where its base is there. */
  readonly baseRepository?: string;
  /** The commit that its merge put onto the base. */
  readonly mergeCommit?: string;
}

/** The lists of workflow runs and pull requests. */
export class Listings {
  readonly runs: StoredRun[] = [];
  readonly pulls: StoredPull[] = [];

  readonly routes: Routes = {
    'GET /repos/{owner}/{repo}/actions/runs': {
      needs: reading('actions'),
      answer: (call) => this.#listRuns(call),
    },
    'GET /repos/{owner}/{repo}/pulls': {
      needs: reading('pull-requests'),
      answer: (call) => this.#listPulls(call),
    },
    'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls': {
      needs: reading('pull-requests'),
      answer: (call) => this.#listPullsOf(call),
    },
  };

  /** Newest first, filtered by commit. */
  #listRuns(call: Call): Answer {
    const sha = call.query.get('head_sha');
    const found = this.runs.filter((run) => sha === null || run.headSha === sha).toReversed();
    const { items, headers } = paged(found, call);
    return { status: 200, body: { total_count: found.length, workflow_runs: items.map(runView) }, headers };
  }

  /** Newest first; a `head` without an owner filters nothing, as on GitHub. */
  #listPulls(call: Call): Answer {
    const state = call.query.get('state') ?? 'open';
    const head = call.query.get('head');
    const found = this.pulls
      .filter((pull) => state === 'all' || pull.state === state)
      .filter((pull) => head === null || !head.includes(':') || head === labelOf(pull))
      .toReversed();
    const { items, headers } = paged(found, call);
    return { status: 200, body: items.map(pullView), headers };
  }

  /** Those that have the commit in their branch, and those whose merge made it. */
  #listPullsOf(call: Call): Answer {
    const sha = call.path['commit_sha'];
    const found = this.pulls.filter(({ head, mergeCommit }) => head.sha === sha || mergeCommit === sha);
    const { items, headers } = paged(found, call);
    return { status: 200, body: items.map(pullView), headers };
  }
}

/** `owner:branch`. */
function labelOf({ head }: StoredPull): string {
  return `${head.repository.split('/')[0] ?? ''}:${head.branch}`;
}

function runView({ id, headSha, status, createdAt }: StoredRun): object {
  return exampleOf('workflow-run', {
    id,
    head_sha: headSha,
    status,
    conclusion: status === 'completed' ? 'success' : null,
    event: 'push',
    ...(createdAt === undefined ? {} : { created_at: createdAt.toISOString() }),
    html_url: `https://github.com/acme/flights/actions/runs/${id}`,
  });
}

function pullView(pull: StoredPull): object {
  const { number, state, head, base, baseRepository = 'acme/flights', mergeCommit } = pull;
  return exampleOf('pull-request-simple', {
    number,
    state,
    html_url: `https://github.com/acme/flights/pull/${number}`,
    head: { label: labelOf(pull), ref: head.branch, sha: head.sha, repo: { full_name: head.repository } },
    base: { label: `acme:${base}`, ref: base, repo: { full_name: baseRepository } },
    merged_at: mergeCommit === undefined ? null : NOW,
    merge_commit_sha: mergeCommit ?? null,
  });
}

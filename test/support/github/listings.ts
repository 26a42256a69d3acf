import { exampleOf } from './contract.ts';

/** A workflow run; its id says when it was created, the larger the later. */
export interface StoredRun {
  readonly id: number;
  readonly headSha: string;
  /** `completed`, or a state before it such as `queued`. */
  status: string;
}

/** A pull request, as far as lists of them are filtered and read. */
export interface StoredPull {
  readonly number: number;
  readonly state: 'open' | 'closed';
  readonly head: { readonly repository: string; readonly branch: string; readonly sha: string };
  readonly base: string;
}

/** A page of a list, as `per_page` and `page` ask for it. */
export function pageOf<T>(all: readonly T[], query: URLSearchParams): readonly T[] {
  const size = Number(query.get('per_page') ?? 30);
  const page = Number(query.get('page') ?? 1);
  return all.slice((page - 1) * size, page * size);
}

/** The answer to a list of workflow runs: newest first, filtered by commit. */
export function runList(runs: readonly StoredRun[], query: URLSearchParams): object {
  const sha = query.get('head_sha');
  const found = runs.filter((run) => sha === null || run.headSha === sha).toReversed();
  return { total_count: found.length, workflow_runs: pageOf(found, query).map(runView) };
}

/** The answer to a list of pull requests: newest first; a `head` without an owner filters nothing, as on GitHub. */
export function pullList(pulls: readonly StoredPull[], query: URLSearchParams): object[] {
  const state = query.get('state') ?? 'open';
  const head = query.get('head');
  const found = pulls
    .filter((pull) => state === 'all' || pull.state === state)
    .filter((pull) => head === null || !head.includes(':') || head === labelOf(pull))
    .toReversed();
  return pageOf(found, query).map(pullView);
}

/** `owner:branch`. */
function labelOf({ head }: StoredPull): string {
  return `${head.repository.split('/')[0] ?? ''}:${head.branch}`;
}

function runView({ id, headSha, status }: StoredRun): object {
  return exampleOf('workflow-run', {
    id,
    head_sha: headSha,
    status,
    conclusion: status === 'completed' ? 'success' : null,
    event: 'push',
    html_url: `https://github.com/acme/flights/actions/runs/${id}`,
  });
}

function pullView(pull: StoredPull): object {
  const { number, state, head, base } = pull;
  return exampleOf('pull-request-simple', {
    number,
    state,
    html_url: `https://github.com/acme/flights/pull/${number}`,
    head: { label: labelOf(pull), ref: head.branch, sha: head.sha, repo: { full_name: head.repository } },
    base: { label: `acme:${base}`, ref: base, repo: { full_name: 'acme/flights' } },
  });
}

import type { MatchedOperation } from './contract.ts';
import { pullList, runList, type StoredPull, type StoredRun } from './listings.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What the token may do. */
export interface Permissions {
  readonly checks: 'write' | 'none';
  readonly 'pull-requests': 'write' | 'read';
  readonly actions: 'read' | 'none';
}

/** A comment on a pull request. */
export interface StoredComment {
  readonly id: number;
  readonly issue: number;
  body: string;
  readonly user: { readonly login: string; readonly type: string };
}

/** A check run. */
export interface StoredCheck {
  readonly id: number;
  readonly name: string;
  readonly headSha: string;
  readonly externalId: string | null;
  status: string;
  conclusion: string | null;
  title: string | null;
  summary: string | null;
}

const BOT = { login: 'github-actions[bot]', type: 'Bot' };
const LONGEST_COMMENT = 65_536;
const NOW = '2026-01-02T03:04:05Z';
const REPOSITORY = 'https://api.github.com/repos/acme/flights';

type Body = Readonly<Record<string, unknown>>;

/** What the double remembers, and what each operation does to it. */
export class GitHubState {
  readonly comments: StoredComment[] = [];
  readonly checks: StoredCheck[] = [];
  readonly runs: StoredRun[] = [];
  readonly pulls: StoredPull[] = [];
  readonly #permissions: Permissions;
  #lastId = 1000;

  constructor(permissions: Permissions) {
    this.#permissions = permissions;
  }

  /** Puts a comment of somebody else there. */
  addComment(issue: number, body: string, user = { login: 'octocat', type: 'User' }): StoredComment {
    const comment = { id: ++this.#lastId, issue, body, user };
    this.comments.push(comment);
    return comment;
  }

  handle({ operation, path }: MatchedOperation, query: URLSearchParams, body: Body | undefined): Answer {
    switch (`${operation.method} ${operation.route}`) {
      case 'GET /user':
        return refused('Resource not accessible by integration');
      case 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments':
        return this.#listComments(Number(path['issue_number']), query);
      case 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments':
        return this.#writing('pull-requests', () => this.#createComment(Number(path['issue_number']), body));
      case 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}':
        return this.#writing('pull-requests', () => this.#updateComment(Number(path['comment_id']), body));
      case 'POST /repos/{owner}/{repo}/check-runs':
        return this.#writing('checks', () => this.#createCheck(body));
      case 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}':
        return this.#writing('checks', () => this.#updateCheck(Number(path['check_run_id']), body));
      case 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs':
        return this.#listChecks(path['ref'] ?? '', query);
      case 'GET /repos/{owner}/{repo}/actions/runs':
        return this.#permissions.actions === 'read'
          ? { status: 200, body: runList(this.runs, query) }
          : refused('Resource not accessible by integration');
      case 'GET /repos/{owner}/{repo}/pulls':
        return { status: 200, body: pullList(this.pulls, query) };
      default:
        throw new Error(`The double does not know ${operation.method} ${operation.route}`);
    }
  }

  #writing(permission: keyof Permissions, effect: () => Answer): Answer {
    return this.#permissions[permission] === 'write'
      ? effect()
      : refused('Resource not accessible by integration');
  }

  #listComments(issue: number, query: URLSearchParams): Answer {
    const size = Number(query.get('per_page') ?? 30);
    const page = Number(query.get('page') ?? 1);
    const own = this.comments.filter((comment) => comment.issue === issue);
    return { status: 200, body: own.slice((page - 1) * size, page * size).map(commentView) };
  }

  #createComment(issue: number, body: Body | undefined): Answer {
    const text = String(body?.['body']);
    if (text.length > LONGEST_COMMENT) return tooLong();
    return { status: 201, body: commentView(this.addComment(issue, text, BOT)) };
  }

  #updateComment(id: number, body: Body | undefined): Answer {
    const comment = this.comments.find((c) => c.id === id);
    if (comment === undefined) return { status: 404, body: { message: 'Not Found' } };
    const text = String(body?.['body']);
    if (text.length > LONGEST_COMMENT) return tooLong();
    comment.body = text;
    return { status: 200, body: commentView(comment) };
  }

  #createCheck(body: Body | undefined): Answer {
    const check: StoredCheck = {
      id: ++this.#lastId,
      name: String(body?.['name']),
      headSha: String(body?.['head_sha']),
      externalId: (body?.['external_id'] as string | undefined) ?? null,
      status: (body?.['status'] as string | undefined) ?? 'queued',
      conclusion: null,
      title: null,
      summary: null,
    };
    this.checks.push(check);
    return { status: 201, body: checkView(check) };
  }

  #updateCheck(id: number, body: Body | undefined): Answer {
    const check = this.checks.find((c) => c.id === id);
    if (check === undefined) return { status: 404, body: { message: 'Not Found' } };
    const output = body?.['output'] as { title: string; summary: string } | undefined;
    check.status = (body?.['status'] as string | undefined) ?? check.status;
    check.conclusion = (body?.['conclusion'] as string | undefined) ?? check.conclusion;
    check.title = output?.title ?? check.title;
    check.summary = output?.summary ?? check.summary;
    return { status: 200, body: checkView(check) };
  }

  #listChecks(ref: string, query: URLSearchParams): Answer {
    const name = query.get('check_name');
    const found = this.checks.filter((c) => c.headSha === ref && (name === null || c.name === name));
    return { status: 200, body: { total_count: found.length, check_runs: found.map(checkView) } };
  }
}

function refused(message: string): Answer {
  return { status: 403, body: { message, documentation_url: 'https://docs.github.com/rest' } };
}

function tooLong(): Answer {
  return {
    status: 422,
    body: {
      message: 'Body is too long (maximum is 65536 characters)',
      documentation_url: 'https://docs.github.com/rest',
    },
  };
}

function commentView({ id, issue, body, user }: StoredComment): object {
  return {
    id,
    node_id: `IC_${id}`,
    url: `${REPOSITORY}/issues/comments/${id}`,
    html_url: `https://github.com/acme/flights/pull/${issue}#issuecomment-${id}`,
    issue_url: `${REPOSITORY}/issues/${issue}`,
    body,
    user: userView(user),
    created_at: NOW,
    updated_at: NOW,
    author_association: 'NONE',
  };
}

function userView({ login, type }: StoredComment['user']): object {
  const url = `https://api.github.com/users/${encodeURIComponent(login)}`;
  const addresses = [
    'followers',
    'following',
    'gists',
    'starred',
    'subscriptions',
    'organizations',
    'repos',
    'events',
    'received_events',
  ];
  return {
    login,
    type,
    id: 41898282,
    node_id: 'U_1',
    avatar_url: 'https://avatars.githubusercontent.com/in/15368',
    gravatar_id: '',
    url,
    html_url: 'https://github.com/apps/github-actions',
    site_admin: false,
    ...Object.fromEntries(addresses.map((name) => [`${name}_url`, `${url}/${name}`])),
  };
}

function checkView(check: StoredCheck): object {
  return {
    id: check.id,
    node_id: `CR_${check.id}`,
    name: check.name,
    head_sha: check.headSha,
    external_id: check.externalId,
    url: `${REPOSITORY}/check-runs/${check.id}`,
    html_url: `https://github.com/acme/flights/runs/${check.id}`,
    details_url: null,
    status: check.status,
    conclusion: check.conclusion,
    started_at: NOW,
    completed_at: check.status === 'completed' ? NOW : null,
    check_suite: { id: 5 },
    app: null,
    pull_requests: [],
    output: {
      title: check.title,
      summary: check.summary,
      text: null,
      annotations_count: 0,
      annotations_url: `${REPOSITORY}/check-runs/${check.id}/annotations`,
    },
  };
}

/** A comment on an issue or pull request. */
export interface GiteaComment {
  readonly id: number;
  readonly issue: number;
  body: string;
  readonly login: string;
}

/** A commit status. The last of a context is the one that counts. */
export interface GiteaStatus {
  readonly id: number;
  readonly sha: string;
  readonly state: string;
  readonly context: string;
  readonly description: string;
  readonly target: string;
}

const SERVER = 'http://gitea.example';
const NOW = '2026-01-02T03:04:05Z';
const NEVER = '0001-01-01T00:00:00Z';

/** Nothing says whether it is a robot. */
function userView(login: string): object {
  return {
    id: login === 'gitea-actions' ? -2 : 1,
    login,
    login_name: '',
    source_id: 0,
    full_name: '',
    email: `${login}@noreply.localhost`,
    avatar_url: `${SERVER}/assets/img/avatar_default.png`,
    html_url: `${SERVER}/${login}`,
    language: '',
    is_admin: false,
    last_login: NEVER,
    created: NEVER,
    restricted: false,
    active: false,
    prohibit_login: false,
    location: '',
    website: '',
    description: '',
    visibility: 'public',
    followers_count: 0,
    following_count: 0,
    starred_repos_count: 0,
    username: login,
  };
}

/** Whom the token of a job belongs to. */
export const robot = (): object => userView('gitea-actions');

export function commentView({ id, issue, body, login }: GiteaComment): object {
  return {
    id,
    html_url: `${SERVER}/acme/flights/issues/${issue}#issuecomment-${id}`,
    pull_request_url: '',
    issue_url: `${SERVER}/acme/flights/issues/${issue}`,
    user: userView(login),
    original_author: '',
    original_author_id: 0,
    body,
    assets: [],
    created_at: NOW,
    updated_at: NOW,
  };
}

/** A status that a job wrote has no creator. */
export function statusView({ id, sha, state, context, description, target }: GiteaStatus): object {
  return {
    id,
    status: state,
    target_url: target,
    description,
    url: `${SERVER}/api/v1/repos/acme/flights/statuses/${sha}`,
    context,
    creator: null,
    created_at: NOW,
    updated_at: NOW,
  };
}

import { refusal } from './answer.ts';
import { exampleOf } from './described.ts';
import type { Routes } from './route.ts';

export interface User {
  readonly login: string;
  readonly type: string;
}

export const BOT: User = { login: 'github-actions[bot]', type: 'Bot' };

const ADDRESSES = [
  ['followers', '/followers'],
  ['following', '/following{/other_user}'],
  ['gists', '/gists{/gist_id}'],
  ['starred', '/starred{/owner}{/repo}'],
  ['subscriptions', '/subscriptions'],
  ['organizations', '/orgs'],
  ['repos', '/repos'],
  ['events', '/events{/privacy}'],
  ['received_events', '/received_events'],
] as const;

/** A user as GitHub shows one inside other things. */
export function userView({ login, type }: User): object {
  const url = `https://api.github.com/users/${encodeURIComponent(login)}`;
  return {
    login,
    type,
    id: 41898282,
    node_id: 'U_1',
    avatar_url: 'https://avatars.githubusercontent.com/in/15368',
    gravatar_id: '',
    url,
    html_url: `https://github.com/${encodeURIComponent(login)}`,
    site_admin: false,
    ...Object.fromEntries(ADDRESSES.map(([name, path]) => [`${name}_url`, url + path])),
  };
}

/** An installation's token belongs to no user and may not ask for one. */
export function userRoutes(author: User): Routes {
  const own = author.type === 'Bot' ? refusal(403, 'Resource not accessible by integration') : undefined;
  const view = (): object => exampleOf('public-user', userView(author) as Record<string, unknown>);
  return {
    'GET /user': { needs: [], answer: () => own ?? { status: 200, body: view() } },
  };
}

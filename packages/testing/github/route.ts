import { refusal, type Answer } from './answer.ts';

/** The permissions of a workflow's token, as `permissions:` spells them. */
export type Permission =
  'actions' | 'attestations' | 'checks' | 'contents' | 'issues' | 'pull-requests' | 'statuses';
export type Level = 'none' | 'read' | 'write';
export type Permissions = Readonly<Record<Permission, Level>>;

/** A job that copied the permissions from the README; what it does not name is none. */
export const DOCUMENTED: Permissions = {
  actions: 'none',
  attestations: 'none',
  checks: 'write',
  contents: 'read',
  issues: 'none',
  'pull-requests': 'write',
  statuses: 'none',
};

/** A request as an operation sees it. */
export interface Call {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** The address without its query. */
  readonly url: string;
}

interface Grant {
  readonly permission: Permission;
  readonly level: 'read' | 'write';
}

/** An operation: what its token needs, and what it does. */
export interface Route {
  /** Any one of these is enough; none: every token may. */
  readonly needs: readonly Grant[];
  readonly answer: (call: Call) => Answer;
}

/** Operations by `METHOD /route/{parameter}`, as GitHub's description writes them. */
export type Routes = Readonly<Record<string, Route>>;

export const reading = (...permissions: Permission[]): Grant[] =>
  permissions.map((permission) => ({ permission, level: 'read' }));
export const writing = (...permissions: Permission[]): Grant[] =>
  permissions.map((permission) => ({ permission, level: 'write' }));

/** Answers, or refuses as GitHub does where the repository is private: reading needs a permission too. */
export function allowed(route: Route, permissions: Permissions, call: Call): Answer {
  const enough = ({ permission, level }: Grant): boolean =>
    permissions[permission] === 'write' || permissions[permission] === level;
  const answer =
    route.needs.length === 0 || route.needs.some(enough)
      ? route.answer(call)
      : refusal(403, 'Resource not accessible by integration');
  const accepted = route.needs.map((need) => `${need.permission.replaceAll('-', '_')}=${need.level}`);
  const listed = accepted.length === 0 ? 'metadata=read' : accepted.join('; ');
  return { ...answer, headers: { ...answer.headers, 'x-accepted-github-permissions': listed } };
}

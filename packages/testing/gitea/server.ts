import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Contract } from '../github/contract.ts';
import { commentView, robot, statusView, type GiteaComment, type GiteaStatus } from './views.ts';

/** Gitea gives comments whole and passes GitHub's paging over. */
const GITEA = new Contract(new URL('swagger.json', import.meta.url), ['per_page', 'page']);
const MOUNT = '/api/v1';

interface Answer {
  readonly status: number;
  /** Undefined: no body. A string is plain text. */
  readonly body?: unknown;
}

interface Body {
  readonly body?: string;
  readonly state?: string;
  readonly context?: string;
  readonly description?: string;
  readonly target_url?: string;
}

/**
 * Gitea's API as far as a gate asks for it, for one repository and the token of a job; Forgejo answers alike. Requests and
 * answers are checked against Gitea's own description, and the answers replayed from a real one.
 */
export class GiteaDouble {
  readonly comments: GiteaComment[] = [];
  readonly statuses: GiteaStatus[] = [];
  readonly violations: string[] = [];
  readonly #version: string;
  readonly #mayWrite: boolean;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor({ version = '1.26.0', mayWrite = true } = {}) {
    this.#version = version;
    this.#mayWrite = mayWrite;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Environment of a step that talks to this server. */
  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return { GITHUB_API_URL: `http://127.0.0.1:${port}${MOUNT}`, GITHUB_REPOSITORY: 'acme/flights' };
  }

  addComment(issue: number, body: string, login: string): GiteaComment {
    const comment = { id: this.comments.length + 1, issue, body, login };
    this.comments.push(comment);
    return comment;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://double');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const match = GITEA.match(request.method ?? 'GET', pathname.slice(MOUNT.length));
    if (match === undefined) {
      // The router's word, before anybody looks at the token.
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('404 page not found\n');
      return;
    }
    this.violations.push(...GITEA.requestFaults(match, searchParams, body));
    const known = /^(token|Bearer) ghs_test$/.test(request.headers.authorization ?? '');
    const answer = known
      ? this.#answer(`${match.operation.method} ${match.operation.route}`, match.path, body ?? {})
      : refusal(401, 'invalid username, password or token');
    this.violations.push(...GITEA.responseFaults(match, answer.status, answer.body));
    send(response, answer);
  }

  #answer(operation: string, path: Readonly<Record<string, string>>, body: Body): Answer {
    switch (operation) {
      case 'GET /version':
        return { status: 200, body: { version: this.#version } };
      case 'GET /user':
        return { status: 200, body: robot() };
      case 'GET /repos/{owner}/{repo}/issues/{index}/comments':
        return {
          status: 200,
          body: this.comments.filter((c) => c.issue === Number(path['index'])).map(commentView),
        };
      default:
        return this.#mayWrite
          ? this.#write(operation, path, body)
          : refusal(403, 'user should have a permission to write to a repo');
    }
  }

  #write(operation: string, path: Readonly<Record<string, string>>, body: Body): Answer {
    const comment = this.comments.find(({ id }) => id === Number(path['id']));
    switch (operation) {
      case 'POST /repos/{owner}/{repo}/issues/{index}/comments': {
        const created = this.addComment(Number(path['index']), body.body ?? '', 'gitea-actions');
        return { status: 201, body: commentView(created) };
      }
      case 'PATCH /repos/{owner}/{repo}/issues/comments/{id}':
        if (comment === undefined) return gone(path['id']);
        comment.body = body.body ?? '';
        return { status: 200, body: commentView(comment) };
      case 'DELETE /repos/{owner}/{repo}/issues/comments/{id}':
        if (comment === undefined) return gone(path['id']);
        this.comments.splice(this.comments.indexOf(comment), 1);
        return { status: 204 };
      case 'POST /repos/{owner}/{repo}/statuses/{sha}': {
        // A commit that is not there is an error of the server.
        if (/^0+$/.test(path['sha'] ?? '')) return refusal(500, '');
        const { state = '', context = '', description = '', target_url: target = '' } = body;
        const status = {
          id: this.statuses.length + 1,
          sha: path['sha'] ?? '',
          state,
          context,
          description,
          target,
        };
        this.statuses.push(status);
        return { status: 201, body: statusView(status) };
      }
      default:
        throw new Error(`The double does not know ${operation}`);
    }
  }
}

function refusal(status: number, message: string, errors?: readonly string[]): Answer {
  const url = 'http://gitea.example/api/swagger';
  return { status, body: { ...(errors && { errors }), message, url } };
}

function gone(id: string | undefined): Answer {
  return refusal(404, 'not found', [`comment does not exist [id: ${id ?? ''}, issue_id: 0]`]);
}

function send(response: ServerResponse, { status, body }: Answer): void {
  if (body === undefined) response.writeHead(status).end();
  else
    response
      .writeHead(status, { 'content-type': 'application/json;charset=utf-8' })
      .end(JSON.stringify(body));
}

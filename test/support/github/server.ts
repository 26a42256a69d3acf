import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { matchOperation, requestFaults, responseFaults } from './contract.ts';
import { GitHubState, type Answer, type Permissions } from './state.ts';

/** What goes wrong with the next request that `method` and `path` match. */
export interface Fault {
  readonly method: string;
  readonly path: RegExp;
  /**
   * `status`: refused, nothing is done. `torn`: done, but the answer is half a JSON document. `reset`: done, but the
   * connection breaks before the answer.
   */
  readonly kind:
    { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | 'torn' | 'reset';
  /** How many requests; default 1. */
  readonly times?: number;
}

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

const INJECTED = { message: 'Injected', documentation_url: 'https://docs.github.com/rest' };

interface DoubleOptions {
  readonly token?: string;
  readonly permissions?: Partial<Permissions>;
}

/**
 * GitHub's API as far as the suite uses it, for one repository, with state. Every request and every answer is checked
 * against GitHub's own description; `faults` lists what does not agree, and a test has to find it empty.
 */
export class GitHubDouble {
  readonly state: GitHubState;
  readonly requests: SeenRequest[] = [];
  readonly violations: string[] = [];
  readonly #token: string;
  readonly #faults: { fault: Fault; left: number }[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor({ token = 'ghs_test', permissions = {} }: DoubleOptions = {}) {
    this.#token = token;
    this.state = new GitHubState({
      checks: 'write',
      'pull-requests': 'write',
      actions: 'none',
      ...permissions,
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Environment and inputs of a step that talks to this server. */
  get env(): Record<string, string> {
    const { port } = this.#server.address() as AddressInfo;
    return { GITHUB_API_URL: `http://127.0.0.1:${port}`, GITHUB_REPOSITORY: 'acme/flights' };
  }

  fail(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET' } = request;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://double');
    const text = await bodyOf(request);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const match = matchOperation(method, pathname);
    if (match === undefined)
      this.violations.push(`${method} ${pathname}: not an operation that is described here`);
    else this.violations.push(...requestFaults(match, searchParams, body));
    const fault = this.#takeFault(method, pathname);
    const answer = this.#answer(request, match, searchParams, body, fault);
    if (match !== undefined) this.violations.push(...responseFaults(match, answer.status, answer.body));
    this.requests.push({ method, path: pathname, status: answer.status });
    send(response, answer, fault);
  }

  #answer(
    request: IncomingMessage,
    match: ReturnType<typeof matchOperation>,
    query: URLSearchParams,
    body: unknown,
    fault: Fault['kind'] | undefined,
  ): Answer {
    if (typeof fault === 'object') return { status: fault.status, body: INJECTED, headers: fault.headers };
    if (request.headers.authorization !== `token ${this.#token}`)
      return { status: 401, body: { message: 'Bad credentials' } };
    if (match === undefined) return { status: 404, body: { message: 'Not Found' } };
    return this.state.handle(match, query, body as Record<string, unknown> | undefined);
  }

  #takeFault(method: string, path: string): Fault['kind'] | undefined {
    const found = this.#faults.find(
      ({ fault, left }) => left > 0 && fault.method === method && fault.path.test(path),
    );
    if (found === undefined) return undefined;
    found.left--;
    return found.fault.kind;
  }
}

function send(response: ServerResponse, answer: Answer, fault: Fault['kind'] | undefined): void {
  const text = JSON.stringify(answer.body);
  if (fault === 'reset') {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...answer.headers });
  response.end(fault === 'torn' ? text.slice(0, text.length / 2) : text);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refusal, type Answer } from './answer.ts';
import { AssetHost } from './asset-host.ts';
import type { MatchedOperation } from './contract.ts';
import { GITHUB } from './described.ts';
import { Faults, type Fault, type FaultKind } from './faults.ts';
import { RateLimit, secondaryLimit, type RateLimitOptions } from './limits.ts';
import { DOCUMENTED, type Permissions } from './route.ts';
import { GitHubState } from './state.ts';
import { BOT } from './users.ts';

/** A request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

interface DoubleOptions {
  readonly token?: string;
  readonly permissions?: Partial<Permissions>;
  /** The login of whom the token belongs to; default: GitHub's own app, as for the token of a job. */
  readonly person?: string;
  readonly rateLimit?: RateLimitOptions;
  /** Where the API begins; GitHub Enterprise Server has it at `/api/v3`. */
  readonly mount?: string;
}

const DOCUMENTATION = 'https://docs.github.com/rest';
const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by integration',
  404: 'Not Found',
  409: 'Conflict',
  422: 'Validation Failed',
  500: 'Server Error',
  502: 'Server Error',
  503: 'Service Unavailable',
};

/**
 * GitHub's API as far as the suite uses it, for one repository, with state. Every request and every answer is checked
 * against GitHub's own description; `violations` lists what does not agree, and a test has to find it empty.
 */
export class GitHubDouble {
  readonly state: GitHubState;
  readonly requests: SeenRequest[] = [];
  readonly violations: string[] = [];
  /** Where the files of releases are. */
  readonly assets: AssetHost;
  readonly #token: string;
  readonly #mount: string;
  readonly #limit: RateLimit;
  readonly #faults = new Faults();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor({ token = 'ghs_test', permissions = {}, person, rateLimit, mount = '' }: DoubleOptions = {}) {
    this.#token = token;
    this.#mount = mount;
    this.#limit = new RateLimit(rateLimit);
    const author = person === undefined ? BOT : { login: person, type: 'User' };
    this.state = new GitHubState({ ...DOCUMENTED, ...permissions }, author);
    this.assets = new AssetHost({
      releases: this.state.releases,
      refusal: (authorization) => this.#refuseUpload(authorization),
      violations: this.violations,
    });
  }

  /** When the rate limit ends, as it is told to whoever asks. */
  get limitResets(): Date {
    return this.#limit.resets;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const url = await this.assets.start();
    this.state.releases.hosts = { uploads: url, storage: url };
  }

  async stop(): Promise<void> {
    await this.assets.stop();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Environment of a step that talks to this server. */
  get env(): Record<string, string> {
    return { GITHUB_API_URL: this.#address, GITHUB_REPOSITORY: 'acme/flights' };
  }

  get #address(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.#mount}`;
  }

  fail(fault: Fault): void {
    this.#faults.add(fault);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET' } = request;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://double');
    const path = pathname.startsWith(this.#mount) ? pathname.slice(this.#mount.length) : '';
    const text = await bodyOf(request);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const match = GITHUB.match(method, path);
    if (match === undefined)
      this.violations.push(`${method} ${pathname}: not an operation that is described here`);
    else this.violations.push(...GITHUB.requestFaults(match, searchParams, body));
    const fault = this.#faults.take(method, path);
    if (fault === 'dropped') {
      response.destroy();
      return;
    }
    const answer = this.#finished(request, match, this.#answer(request, match, searchParams, body, fault));
    if (match !== undefined)
      this.violations.push(...GITHUB.responseFaults(match, answer.status, answer.body));
    this.requests.push({ method, path, status: answer.status });
    send(response, answer, fault);
  }

  #answer(
    request: IncomingMessage,
    match: MatchedOperation | undefined,
    query: URLSearchParams,
    body: unknown,
    fault: FaultKind | undefined,
  ): Answer {
    const injected = injectedAnswer(fault);
    if (injected !== undefined) return injected;
    if (!this.#isToken(request.headers.authorization))
      return refusal(401, 'Bad credentials', { documentation: DOCUMENTATION });
    const limited = this.#limit.refusal();
    if (limited !== undefined) return limited;
    if (match === undefined) return refusal(404, 'Not Found');
    const url = `${this.#address}${new URL(request.url ?? '/', 'http://double').pathname.slice(this.#mount.length)}`;
    return this.state.handle(match, {
      path: match.path,
      query,
      url,
      body: (body ?? {}) as Record<string, unknown>,
    });
  }

  #isToken(authorization: string | undefined): boolean {
    return authorization === `token ${this.#token}` || authorization === `Bearer ${this.#token}`;
  }

  #refuseUpload(authorization: string | undefined): Answer | undefined {
    if (!this.#isToken(authorization)) return refusal(401, 'Bad credentials');
    if (this.state.permissions.contents === 'write') return undefined;
    return refusal(403, 'Resource not accessible by integration');
  }

  /** Adds what every answer has: its tag or its documentation, and the state of the rate limit. */
  #finished(request: IncomingMessage, match: MatchedOperation | undefined, answer: Answer): Answer {
    const tagged = answer.status === 200 || answer.status === 201 ? conditional(request, answer) : answer;
    // A conditional request that finds nothing new is free.
    if (tagged.status !== 304) this.#limit.spend();
    const documentation_url = match?.operation.documentation ?? DOCUMENTATION;
    return {
      status: tagged.status,
      body: tagged.status < 400 ? tagged.body : { documentation_url, ...(tagged.body as object) },
      headers: { ...this.#limit.headers, ...tagged.headers },
    };
  }
}

function injectedAnswer(fault: FaultKind | undefined): Answer | undefined {
  if (typeof fault !== 'object') return undefined;
  if ('status' in fault)
    return { ...refusal(fault.status, MESSAGES[fault.status] ?? 'Injected'), headers: fault.headers };
  return secondaryLimit(fault.secondaryLimit, fault.retryAfter);
}

/** An answer with its entity tag; nothing but the tag where the client has it already. */
function conditional(request: IncomingMessage, answer: Answer): Answer {
  const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.body)).digest('hex')}"`;
  const headers = { ...answer.headers, etag, 'cache-control': 'private, max-age=60, s-maxage=60' };
  if (request.method !== 'GET' || request.headers['if-none-match'] !== etag) return { ...answer, headers };
  return { status: 304, body: undefined, headers };
}

function send(response: ServerResponse, answer: Answer, fault: FaultKind | undefined): void {
  if (fault === 'silent') return;
  if (fault === 'reset') {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...answer.headers });
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  response.end(fault === 'torn' ? text.slice(0, text.length / 2) : text);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

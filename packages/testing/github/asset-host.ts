import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refusal, type Answer } from './answer.ts';
import { GITHUB } from './described.ts';
import { Faults, type Fault } from './faults.ts';
import { signatureOf, type Releases } from './releases.ts';

const UPLOAD = /^\/repos\/[^/]+\/[^/]+\/releases\/(\d+)\/assets$/;
const STORED = /^\/storage\/(\d+)$/;

/** What the host has to know of the rest. */
interface Surroundings {
  readonly releases: Releases;
  /** Refuses a request without the token, or without the right to write. */
  readonly refusal: (authorization: string | undefined) => Answer | undefined;
  /** Gets what GitHub's description does not allow, and tokens that went where they must not. */
  readonly violations: string[];
}

/**
 * The hosts of the bytes: uploads.github.com, which wants the token, and the storage that downloads are redirected to,
 * which must never see it.
 */
export class AssetHost {
  /** Paths of requests that get no answer. */
  readonly silenced: string[] = [];
  readonly #faults = new Faults();
  readonly #around: Surroundings;
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Only refusals, broken connections and silence; the path is the one of the upload or of the stored file. */
  fail(fault: Fault): void {
    this.#faults.add(fault);
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET' } = request;
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://double');
    const fault = this.#faults.take(method, pathname);
    if (fault === 'silent') {
      this.silenced.push(pathname);
      return;
    }
    if (fault === 'dropped') response.destroy();
    else if (typeof fault === 'object') {
      request.resume();
      const said =
        'status' in fault
          ? refusal(fault.status, 'Injected')
          : refusal(fault.secondaryLimit, 'You have exceeded a secondary rate limit.');
      const headers = 'status' in fault ? fault.headers : { 'retry-after': String(fault.retryAfter ?? 1) };
      sendJson(response, { ...said, headers });
    } else if (method === 'POST' && UPLOAD.test(pathname)) {
      const answer = await this.#upload(request, pathname, searchParams);
      if (answer === undefined || fault === 'reset') response.destroy();
      else sendJson(response, answer);
    } else this.#download(request, response, pathname, searchParams);
  }

  /** Undefined when the connection broke. */
  async #upload(
    request: IncomingMessage,
    pathname: string,
    query: URLSearchParams,
  ): Promise<Answer | undefined> {
    const { releases, refusal: refuse, violations } = this.#around;
    const match = GITHUB.match('POST', pathname);
    if (match === undefined) throw new Error(`${pathname} is not described`);
    violations.push(...GITHUB.requestFaults(match, query, undefined));
    const bytes = Number(request.headers['content-length'] ?? 0);
    const begun =
      refuse(request.headers.authorization) ??
      releases.begin(Number(UPLOAD.exec(pathname)?.[1]), query.get('name') ?? '', bytes);
    if ('status' in begun) {
      request.resume();
      return begun;
    }
    const content = await wholeBody(request);
    if (content === undefined) return undefined;
    releases.complete(begun, content);
    const answer = { status: 201, body: releases.view(begun) };
    violations.push(...GITHUB.responseFaults(match, answer.status, answer.body));
    return answer;
  }

  #download(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
    query: URLSearchParams,
  ): void {
    const { releases, violations } = this.#around;
    if (request.headers.authorization !== undefined) violations.push('the storage got the token');
    const asset = releases.asset(Number(STORED.exec(pathname)?.[1]));
    if (asset === undefined || query.get('sig') !== signatureOf(asset)) {
      response.writeHead(403).end('<Error><Code>AuthenticationFailed</Code></Error>');
      return;
    }
    const { content } = asset;
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range =
      request.headers.range === undefined
        ? {}
        : { 'content-range': `bytes ${start}-${content.byteLength - 1}/${content.byteLength}` };
    response.writeHead(request.headers.range === undefined ? 200 : 206, {
      'content-type': 'application/octet-stream',
      'content-length': content.byteLength - start,
      ...range,
    });
    response.end(content.subarray(start));
  }
}

function sendJson(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

async function wholeBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch (error) {
    if (!request.destroyed) throw error;
    // The connection broke.
    return undefined;
  }
  return Buffer.concat(chunks);
}

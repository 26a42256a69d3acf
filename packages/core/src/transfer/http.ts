import { createReadStream } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { pipeline } from 'node:stream/promises';
import { types } from 'node:util';
import { UserError, errorMessage } from '../action/errors.ts';

/** Certificates in PEM. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized?: false;
}

/** A file's bytes, or some of them, as the body of a request. */
export interface FileBody {
  readonly file: string;
  /** First byte, counted from 0. */
  readonly start: number;
  readonly bytes: number;
  /** Hears of the bytes as they are sent. */
  readonly sent?: (bytes: number) => void;
}

/** Bytes from elsewhere as the body of a request; a UserError that ends them ends the request. */
export interface StreamBody {
  readonly stream: AsyncIterable<Buffer>;
  readonly bytes: number;
}

/** One exchange over HTTP. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | FileBody | StreamBody;
  /** Longest silence on the line, in ms. */
  readonly idleMs: number;
  /** Longest time for all of it, the answer's last byte included, in ms: whoever drips keeps nobody waiting. See `timeFor`. */
  readonly withinMs: number;
  /** The most bytes that a good answer may have; one that says no may have 1 MiB in any case. */
  readonly most: number;
}

/** The answer to a request. Its body has to be read to the end, left in a loop, or given up. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Throws NoAnswerError when it breaks, and TooLongError when it is longer than it may be. */
  readonly body: AsyncIterable<Buffer>;
  /** Reads nothing of the body. */
  readonly discard: () => void;
}

/** Sends requests of one step and keeps its connections open between them. */
export interface Http {
  /** Resolves when the head of the answer is there. Rejects with NoAnswerError, or with the signal's reason. */
  send(request: HttpRequest): Promise<HttpAnswer>;
}

/** No whole answer came; the request may have been carried out. */
export class NoAnswerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NoAnswerError';
  }
}

/** The answer was not whole when its time was over; asking again would take as long. */
export class TooSlowError extends NoAnswerError {
  constructor(withinMs: number) {
    super(`it took longer than ${withinMs / 1000} s`);
    this.name = 'TooSlowError';
  }
}

/** A server sent more than it may; nothing of the rest was read. */
export class TooLongError extends UserError<'service-unavailable'> {
  constructor(host: string, method: string, most: number) {
    super(
      'service-unavailable',
      `${host} answered a ${method} with more than the ${most} bytes that the answer may have. Look at that server, and at the proxy before it.`,
    );
    this.name = 'TooLongError';
  }
}

/** The slowest line that is waited for, in bytes a second: 10 GB may take eleven hours. */
const SLOWEST = 256 << 10;
/** More than timers can count, in ms. */
const FOREVER_MS = 2 ** 31 - 1;

/** How long an exchange of so many bytes may take, in ms, when the server may think for `patienceMs` before. */
export function timeFor(bytes: number, patienceMs: number): number {
  return Math.min(FOREVER_MS, Math.ceil(patienceMs + (bytes / SLOWEST) * 1000));
}

/** What a refusal may have, whatever was asked for, in bytes. */
const LONGEST_REFUSAL = 1 << 20;

/** Bytes read from disk at once. */
const CHUNK = 1 << 20;

/** Redirects are not followed: they could lead credentials to another host. */
export function openHttp(tls: TlsOptions, signal?: AbortSignal): Http {
  // Node 24 knows the proxy variables of the runner; older versions ignore the option.
  const options = { keepAlive: true, proxyEnv: process.env };
  const agents = { http: new http.Agent(options), https: new https.Agent({ ...options, ...tls }) };
  return { send: (request) => send(request, agents, signal) };
}

async function send(
  request: HttpRequest,
  agents: { readonly http: http.Agent; readonly https: https.Agent },
  signal: AbortSignal | undefined,
): Promise<HttpAnswer> {
  signal?.throwIfAborted();
  const secure = request.url.startsWith('https:');
  const sent = (secure ? https : http).request(request.url, {
    method: request.method,
    headers: { ...request.headers, ...lengthOf(request.body) },
    agent: secure ? agents.https : agents.http,
    ...(signal === undefined ? {} : { signal }),
  });
  sent.setTimeout(request.idleMs, () =>
    sent.destroy(new Error(`nothing was heard for ${request.idleMs / 1000} s`)),
  );
  const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve);
    sent.once('error', reject);
  });
  let heard: http.IncomingMessage | undefined;
  sent.once('response', (response) => (heard = response));
  const deadline = setTimeout(
    () => void (heard ?? sent).destroy(new TooSlowError(request.withinMs)),
    request.withinMs,
  );
  sent.once('close', () => clearTimeout(deadline));
  try {
    const [response] = await Promise.all([answer, writeBody(sent, request.body, answer)]);
    return answerOf(response, request);
  } catch (error) {
    signal?.throwIfAborted();
    throw noAnswer(error);
  }
}

/** What is thrown for an exchange that broke off. */
function noAnswer(error: unknown): Error {
  if (error instanceof UserError || error instanceof NoAnswerError) return error;
  return new NoAnswerError(networkMessage(error), { cause: error });
}

function lengthOf(body: HttpRequest['body']): Record<string, string> {
  if (body === undefined) return {};
  return { 'content-length': String(typeof body === 'string' ? Buffer.byteLength(body) : body.bytes) };
}

/** A server may refuse before it has read everything; then its answer counts and not the broken pipe. */
async function writeBody(
  sent: http.ClientRequest,
  body: HttpRequest['body'],
  answer: Promise<unknown>,
): Promise<void> {
  if (body === undefined || typeof body === 'string') {
    sent.end(body);
    return;
  }
  if (body.bytes === 0) {
    sent.end();
    return;
  }
  try {
    if ('stream' in body) await pipeline(body.stream, sent);
    else await pipeline(readPart(body), counting(body.sent), sent);
  } catch (error) {
    await answer.catch(() => {
      throw error;
    });
  }
}

function readPart({ file, start, bytes }: FileBody): ReturnType<typeof createReadStream> {
  return createReadStream(file, { start, end: start + bytes - 1, highWaterMark: CHUNK });
}

/** Passes chunks on and says how many bytes they have. */
function counting(heard: FileBody['sent']): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (chunks) {
    for await (const chunk of chunks) {
      yield chunk;
      heard?.(chunk.byteLength);
    }
  };
}

function answerOf(response: http.IncomingMessage, { url, method, most }: HttpRequest): HttpAnswer {
  const status = response.statusCode ?? 0;
  const limit = status < 300 ? most : Math.max(most, LONGEST_REFUSAL);
  async function* body(): AsyncGenerator<Buffer> {
    let bytes = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        bytes += chunk.byteLength;
        if (bytes > limit) throw new TooLongError(new URL(url).host, method, limit);
        yield chunk;
      }
    } catch (error) {
      throw noAnswer(error);
    }
  }
  return { status, headers: response.headers, body: body(), discard: () => void response.destroy() };
}

/** The text of an answer, of which the request said how long it may be. */
export async function readText(answer: HttpAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** What failed is often in the first of several causes. */
function networkMessage(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = types.isNativeError(first) && 'code' in first ? String(first.code) : '';
  const message = errorMessage(first);
  return code === '' || message.includes(code) ? message : `${message} (${code})`;
}

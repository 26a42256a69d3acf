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
}

/** Sends requests of one step and keeps its connections open between them. */
export interface Http {
  /** Resolves when the head of the answer is there. Rejects with NoAnswerError, or with the signal's reason. */
  send(request: HttpRequest): Promise<http.IncomingMessage>;
}

/** No whole answer came; the request may have been carried out. */
export class NoAnswerError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NoAnswerError';
  }
}

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
): Promise<http.IncomingMessage> {
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
  try {
    const [response] = await Promise.all([answer, writeBody(sent, request.body, answer)]);
    return response;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError) throw error;
    throw new NoAnswerError(networkMessage(error), { cause: error });
  }
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

/** The first words of an answer; more of it is not read. */
export async function readText(response: http.IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes > limit) break;
    }
  } catch (error) {
    throw new NoAnswerError(networkMessage(error), { cause: error });
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8');
}

/** What failed is often in the first of several causes. */
function networkMessage(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code = types.isNativeError(first) && 'code' in first ? String(first.code) : '';
  const message = errorMessage(first);
  return code === '' || message.includes(code) ? message : `${message} (${code})`;
}

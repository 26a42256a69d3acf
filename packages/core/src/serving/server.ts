import { types } from 'node:util';
import * as z from 'zod/mini';
import { errorMessage } from '../action/errors.ts';
import { gather } from '../action/gather.ts';
import { parseJson } from '../action/json.ts';

/** Where a model server listens and which paths it answers. */
export interface ServerAddress {
  /** Base URL, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly ready: string;
  readonly versionPath: string;
  readonly predict: string;
  /** Longest wait for one answer. */
  readonly requestTimeoutMs: number;
}

/** What a server says it runs; `version` is absent when it runs nothing. */
export type VersionAnswer =
  | { readonly kind: 'answered'; readonly version?: string; readonly modelDigest?: string }
  | { readonly kind: 'silent'; readonly message: string };

/** One HTTP exchange; `silent` when no whole answer came. */
export type Exchange =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string; readonly ms: number }
  | { readonly kind: 'silent'; readonly message: string; readonly ms: number };

/** A model server as the probes see it. */
export interface ModelServer {
  readonly url: string;
  /** undefined when ready, else what it did instead. */
  notReady(signal: AbortSignal): Promise<string | undefined>;
  version(signal: AbortSignal): Promise<VersionAnswer>;
  /** Posts a JSON body to the predict path. */
  predict(body: unknown, signal: AbortSignal): Promise<Exchange>;
}

/** More of an answer than this is not read. */
const LONGEST_ANSWER_BYTES = 16 * 1024 * 1024;

const versionAnswer = z.looseObject({
  version: z.optional(z.nullable(z.string())),
  'model-digest': z.optional(z.nullable(z.string())),
});

/** A server over HTTP. Redirects are not followed: they could lead a request with the team's data to another host. */
export function httpServer(address: ServerAddress): ModelServer {
  const url = address.url.replace(/\/+$/, '');
  const at = (path: string): string => `${url}${path.startsWith('/') ? '' : '/'}${path}`;
  const timeoutMs = address.requestTimeoutMs;
  return {
    url,
    async notReady(signal) {
      const answer = await exchange(at(address.ready), {}, timeoutMs, signal);
      return answer.kind === 'answered' && isSuccess(answer.status) ? undefined : described(answer);
    },
    async version(signal) {
      const answer = await exchange(at(address.versionPath), {}, timeoutMs, signal);
      if (answer.kind === 'silent' || !isSuccess(answer.status))
        return { kind: 'silent', message: described(answer) };
      return parseVersion(at(address.versionPath), answer.body);
    },
    predict: (body, signal) =>
      exchange(
        at(address.predict),
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
        timeoutMs,
        signal,
      ),
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function described(answer: Exchange): string {
  return answer.kind === 'silent' ? answer.message : `HTTP ${answer.status}${excerpt(answer.body)}`;
}

function excerpt(body: string): string {
  const line = body.replace(/\s+/g, ' ').trim();
  if (line === '') return '';
  return `: ${line.length > 120 ? `${line.slice(0, 120)}…` : line}`;
}

function parseVersion(place: string, body: string): VersionAnswer {
  const parsed = versionAnswer.safeParse(parseJson(body));
  if (!parsed.success)
    return { kind: 'silent', message: `${place} answered no {"version": …}${excerpt(body)}` };
  const { version, 'model-digest': modelDigest } = parsed.data;
  return {
    kind: 'answered',
    ...(typeof version === 'string' && version !== '' ? { version } : {}),
    ...(typeof modelDigest === 'string' ? { modelDigest: modelDigest.replace(/^sha256:/, '') } : {}),
  };
}

/** One request. Returns `silent` for a refused connection, a timeout or a redirect; throws only when aborted. */
async function exchange(
  place: string,
  init: RequestInit,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Exchange> {
  const started = performance.now();
  const timeout = AbortSignal.timeout(timeoutMs);
  const ms = (): number => performance.now() - started;
  try {
    const response = await fetch(place, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      const to = response.headers.get('location') ?? 'nowhere';
      return {
        kind: 'silent',
        message: `${place} redirects to ${to}; redirects are not followed, so set the final address`,
        ms: ms(),
      };
    }
    const body = await readBody(response);
    return body === undefined
      ? { kind: 'silent', message: `${place} answered more than ${LONGEST_ANSWER_BYTES} bytes`, ms: ms() }
      : { kind: 'answered', status: response.status, body, ms: ms() };
  } catch (error) {
    signal.throwIfAborted();
    const message = timeout.aborted
      ? `${place} did not answer within ${timeoutMs / 1000} s`
      : `${place}: ${networkMessage(error)}`;
    return { kind: 'silent', message, ms: ms() };
  }
}

async function readBody({ body }: Response): Promise<string | undefined> {
  return (await gather((body ?? []) as AsyncIterable<Uint8Array>, LONGEST_ANSWER_BYTES))?.toString('utf8');
}

/** fetch says only "fetch failed"; what failed is in the cause. */
function networkMessage(error: unknown): string {
  const cause = types.isNativeError(error) ? error.cause : undefined;
  const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return errorMessage(first ?? error);
}

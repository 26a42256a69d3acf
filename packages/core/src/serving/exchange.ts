import { types } from 'node:util';
import { errorMessage } from '../action/errors.ts';
import { gather } from '../action/gather.ts';

/** One HTTP exchange; `silent` when no whole answer came. */
export type Exchange =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string; readonly ms: number }
  | { readonly kind: 'silent'; readonly message: string; readonly ms: number };

/** More of an answer than this is not read. */
const LONGEST_ANSWER_BYTES = 16 * 1024 * 1024;

/** Whether a status is one of success. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** What came instead of what was asked for, for messages. */
export function describeExchange(answer: Exchange): string {
  return answer.kind === 'silent' ? answer.message : `HTTP ${answer.status}${excerpt(answer.body)}`;
}

/** The beginning of a body after a colon; nothing of an empty one. */
export function excerpt(body: string): string {
  const line = body.replace(/\s+/g, ' ').trim();
  if (line === '') return '';
  return `: ${line.length > 120 ? `${line.slice(0, 120)}…` : line}`;
}

/**
 * One request. Returns `silent` for a refused connection, a timeout or a redirect, which is not followed: it could lead what is
 * sent to another host. Throws only when aborted.
 */
export async function exchange(
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

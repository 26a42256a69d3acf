import * as z from 'zod/mini';

/** An answer of the forge, its body not yet checked. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

/** Why the forge did not do what was asked. */
interface Refusal {
  /** In the forge's words; empty where it says nothing of its own. */
  readonly said: string;
  /** It was asked too much, and says when it will answer again. */
  readonly limited: boolean;
  /** The same request may succeed a moment later. */
  readonly temporary: boolean;
}

/** GitHub names the field at fault beside the message. */
const bodySchema = z.object({
  message: z.string(),
  errors: z.optional(z.array(z.union([z.string(), z.object({ message: z.optional(z.string()) })]))),
});

/** Reads an answer with a status of 400 or more. */
export function refusalOf(answer: Answer): Refusal {
  const said = saidBy(answer.data);
  const told = answer.headers['retry-after'] !== undefined || /rate limit/i.test(said);
  const limited = answer.status === 429 || (answer.status === 403 && told);
  return { said, limited, temporary: limited || answer.status >= 500 || answer.status === 408 };
}

function saidBy(data: unknown): string {
  const body = bodySchema.safeParse(data).data;
  if (body === undefined) return '';
  const details = (body.errors ?? []).map((error) => (typeof error === 'string' ? error : error.message));
  const sentences = [body.message, ...details.filter((detail) => detail !== undefined)];
  return sentences.map((sentence) => sentence.replace(/\.?$/, '.')).join(' ');
}

/** Where a secondary limit does not say when it ends, GitHub asks for a minute. */
const MINUTE_MS = 60_000;

/**
 * How long to wait after a rate limit, in ms, `now` being the time in ms: what `Retry-After` says, else until the hour
 * of a primary limit is over, else a minute. Follows GitHub's "Best practices for using the REST API". The forge's own
 * clock counts, as ours may be wrong.
 */
export function waitOf({ headers }: Answer, now: number): number {
  const seconds = headers['retry-after'] === undefined ? NaN : Number(headers['retry-after']);
  if (Number.isFinite(seconds)) return Math.max(0, seconds) * 1000;
  const reset = Number(headers['x-ratelimit-reset']) * 1000;
  const theirs = Date.parse(String(headers['date']));
  if (String(headers['x-ratelimit-remaining']) !== '0' || !Number.isFinite(reset)) return MINUTE_MS;
  return Math.max(0, reset - (Number.isFinite(theirs) ? theirs : now)) + 1000;
}

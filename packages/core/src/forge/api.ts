import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod/mini';

/** Path, query and body fields of a request, as Octokit takes them. */
type Parameters = Readonly<Record<string, unknown>>;

/** An answer of the forge, its body not yet checked. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

/** Sends one request; rejects with `{ status, response }` for a refusal and with anything else for a lost one. */
export type Send = (route: string, parameters: Parameters) => Promise<Answer>;

/** The forge answered, and the answer is no. */
export class ForgeRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = 'ForgeRefusal';
    this.status = status;
  }
}

/** The forge did not answer, or not in a way that can be understood. The request may have been carried out. */
export class ForgeUnavailable extends Error {
  /** How long the forge asks to wait, in ms. */
  readonly waitMs: number | undefined;
  constructor(message: string, waitMs?: number) {
    super(message);
    this.name = 'ForgeUnavailable';
    this.waitMs = waitMs;
  }
}

/** A GitHub-like forge's REST interface for one repository. */
export interface ForgeApi {
  /** One request, its answer checked. Throws ForgeRefusal or ForgeUnavailable; never repeats by itself. */
  request<S extends z.ZodMiniType>(route: string, parameters: Parameters, answer: S): Promise<z.infer<S>>;
}

/** The most that a server's `Retry-After` is obeyed. */
const LONGEST_WAIT_MS = 60_000;

/** Opens the interface over `send` for a repository `owner/name`. */
export function forgeApi(send: Send, repository: string): ForgeApi {
  const [owner, repo] = repository.split('/');
  return {
    async request(route, parameters, schema) {
      const place = route.includes('{owner}') ? { owner, repo } : {};
      const answer = await sent(send, route, { ...place, ...parameters });
      const checked = schema.safeParse(answer.data);
      if (checked.success) return checked.data;
      throw new ForgeUnavailable(`${route}: the answer (${answer.status}) cannot be understood`);
    },
  };
}

async function sent(send: Send, route: string, parameters: Parameters): Promise<Answer> {
  try {
    return await send(route, parameters);
  } catch (error) {
    throw classified(route, error);
  }
}

function classified(route: string, error: unknown): Error {
  const { status, response, message } = error as { status?: number; response?: Answer; message?: string };
  const text = `${route}: ${message ?? String(error)}`;
  if (response === undefined || status === undefined) return new ForgeUnavailable(text);
  const limited = status === 429 || (status === 403 && isRateLimit(response));
  if (limited || status >= 500 || status === 408) return new ForgeUnavailable(text, waitOf(response));
  return new ForgeRefusal(status, text);
}

/** Primary limits leave nothing remaining, secondary ones say when to come back. */
function isRateLimit({ headers }: Answer): boolean {
  return headers['retry-after'] !== undefined || String(headers['x-ratelimit-remaining']) === '0';
}

function waitOf({ headers }: Answer): number | undefined {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) ? Math.min(LONGEST_WAIT_MS, seconds * 1000) : undefined;
}

const WAITS_MS = [500, 1500];

/**
 * Runs `attempt` again when the forge did not answer: three times in all. An attempt must first look for what the one
 * before may have done, because a lost answer does not mean a lost request.
 */
export async function withRetries<T>(attempt: () => Promise<T>): Promise<T> {
  for (const wait of WAITS_MS) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ForgeUnavailable)) throw error;
      await sleep(error.waitMs ?? wait);
    }
  }
  return attempt();
}

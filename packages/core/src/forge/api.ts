import type * as z from 'zod/mini';
import { listed, retry } from '../action/retry.ts';
import type { Deadline } from './deadline.ts';
import { refusalOf, waitOf, type Answer } from './refusal.ts';

/** Path, query and body fields of a request, as Octokit takes them. */
type Parameters = Readonly<Record<string, unknown>>;

/** Sends one request, until `signal` ends it; rejects with `{ status, response }` for a refusal and with anything else for a lost one. */
export type Send = (route: string, parameters: Parameters, signal: AbortSignal) => Promise<Answer>;

/** The forge answered, and the answer is no. */
export class ForgeRefusal extends Error {
  readonly status: number;
  /** What the forge says about it; empty where the answer is not the forge's own, as for a path it does not know. */
  readonly said: string;
  constructor(status: number, message: string, said = '') {
    super(message);
    this.name = 'ForgeRefusal';
    this.status = status;
    this.said = said;
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
  /** The forge's own clock at its last answer, whole seconds; undefined before the first one. */
  readonly clock: Date | undefined;
  /** Resolves after `ms`, and sooner when the step has to end. */
  pause(ms: number): Promise<void>;
}

/** Opens the interface over `send` for a repository `owner/name`. */
export function forgeApi(send: Send, repository: string, deadline: Deadline): ForgeApi {
  const [owner, repo] = repository.split('/');
  let clock: Date | undefined;
  return {
    get clock() {
      return clock;
    },
    async request(route, parameters, schema) {
      const place = route.includes('{owner}') ? { owner, repo } : {};
      const { signal } = deadline;
      if (signal.aborted) throw new ForgeUnavailable(`${route}: not sent, because the step has to end`);
      const answer = await sent(() => send(route, { ...place, ...parameters }, signal), route);
      clock = dateOf(answer) ?? clock;
      const checked = schema.safeParse(answer.data);
      if (checked.success) return checked.data;
      throw new ForgeUnavailable(`${route}: the answer (${answer.status}) cannot be understood`);
    },
    pause: (ms) => deadline.pause(ms),
  };
}

function dateOf({ headers }: Answer): Date | undefined {
  const date = new Date(String(headers['date']));
  return Number.isNaN(date.getTime()) ? undefined : date;
}

async function sent(send: () => Promise<Answer>, route: string): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    throw classified(route, error);
  }
}

function classified(route: string, error: unknown): Error {
  const { response, message } = error as { response?: Answer; message?: string };
  if (response === undefined) return new ForgeUnavailable(`${route}: ${message ?? String(error)}`);
  const { said, limited, temporary } = refusalOf(response);
  const text = `${route}: ${response.status}${said === '' ? '' : ` ${said}`}`;
  if (limited) {
    const wait = waitOf(response, Date.now());
    const until = new Date(Date.now() + wait).toISOString().slice(0, 19);
    return new ForgeUnavailable(`${text} It accepts requests again at ${until}Z`, wait);
  }
  return temporary ? new ForgeUnavailable(text) : new ForgeRefusal(response.status, text, said);
}

const WAITS_MS = [500, 1500];
/** The longest that a forge is waited for in all; a verdict has better things to do than to be shown. */
const PATIENCE_MS = 65_000;

/**
 * Runs `attempt` again when the forge did not answer or asked to wait: three times in all, and not at all when it asks
 * for more than a minute. An attempt must first look for what the one before may have done, because a lost answer does
 * not mean a lost request.
 */
export async function withRetries<T>(api: Pick<ForgeApi, 'pause'>, attempt: () => Promise<T>): Promise<T> {
  let patience = PATIENCE_MS;
  return retry(attempt, {
    waits: (error, failures) => {
      const wait = listed(WAITS_MS, unavailable, patience)(error, failures);
      patience -= wait ?? 0;
      return wait;
    },
    pause: (ms) => api.pause(ms),
  });
}

function unavailable(error: unknown): ForgeUnavailable | undefined {
  return error instanceof ForgeUnavailable ? error : undefined;
}

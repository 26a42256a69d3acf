import { refusal, type Answer } from './answer.ts';

const HOUR_S = 3600;
const LIMITS = 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api';

/** The hourly allowance of a token. */
export interface RateLimitOptions {
  readonly remaining: number;
  /** When the hour is over, in seconds from now. */
  readonly resetsIn?: number;
  /** GitHub refuses with either. */
  readonly status?: 403 | 429;
  /** The server's clock, in ms. */
  readonly clock?: () => number;
}

/** Counts requests as GitHub's primary rate limit does. */
export class RateLimit {
  readonly #limit = 5000;
  readonly #status: number;
  #remaining: number;
  #reset: number;
  readonly #clock: () => number;

  constructor(
    { remaining, resetsIn = HOUR_S, status = 403, clock = Date.now }: RateLimitOptions = { remaining: 5000 },
  ) {
    this.#clock = clock;
    this.#remaining = remaining;
    this.#reset = this.#now() + resetsIn;
    this.#status = status;
  }

  /** Why the next request is refused; undefined where it is not. */
  refusal(): Answer | undefined {
    if (this.#now() >= this.#reset) {
      this.#remaining = this.#limit;
      this.#reset = this.#now() + HOUR_S;
    }
    if (this.#remaining > 0) return undefined;
    return refusal(this.#status, 'API rate limit exceeded for installation ID 1234.', {
      documentation: LIMITS,
    });
  }

  /** When the hour is over. */
  get resets(): Date {
    return new Date(this.#reset * 1000);
  }

  spend(): void {
    this.#remaining = Math.max(0, this.#remaining - 1);
  }

  #now(): number {
    return Math.ceil(this.#clock() / 1000);
  }

  get headers(): Readonly<Record<string, string>> {
    return {
      'x-ratelimit-limit': String(this.#limit),
      'x-ratelimit-remaining': String(this.#remaining),
      'x-ratelimit-used': String(this.#limit - this.#remaining),
      'x-ratelimit-reset': String(this.#reset),
      'x-ratelimit-resource': 'core',
    };
  }
}

/** GitHub's refusal of a client that asks too much at once; it does not always say when to come back. */
export function secondaryLimit(status: 403 | 429, retryAfter: number | undefined): Answer {
  const message =
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID 0000:000000:0000000:0000000:00000000.';
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return {
    ...refusal(status, message, { documentation: `${LIMITS}#about-secondary-rate-limits` }),
    headers,
  };
}

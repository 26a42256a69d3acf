import { setTimeout as sleep } from 'node:timers/promises';
import { errorMessage } from './errors.ts';
import { stepLog, type Log } from './log.ts';

/** How a place that may answer later is tried again. */
export interface Retry {
  /**
   * How long to wait after an error, in ms, when the body has failed that many times (from 1); undefined where trying
   * again is of no use.
   */
  readonly waits: (error: unknown, failures: number) => number | undefined;
  /** Ends the waiting at once. */
  readonly signal?: AbortSignal | undefined;
  /** Another way to wait than until `signal` ends. */
  readonly pause?: (ms: number) => Promise<void>;
  readonly log?: Pick<Log, 'info' | 'debug'>;
}

/** Waits that are worth a line in the log, in ms. */
const WORTH_SAYING_MS = 1000;

/** Runs `body` until it succeeds or `waits` gives up; then throws its last error. Throws the signal's reason when that ends. */
export async function retry<T>(body: (failures: number) => Promise<T>, how: Retry): Promise<T> {
  const { waits, signal, log = stepLog, pause: wait = (ms) => pause(ms, signal) } = how;
  for (let failures = 0; ;) {
    signal?.throwIfAborted();
    try {
      return await body(failures);
    } catch (error) {
      signal?.throwIfAborted();
      failures += 1;
      const ms = waits(error, failures);
      if (ms === undefined) throw error;
      const line = `Trying again in ${(ms / 1000).toFixed(1)} s: ${errorMessage(error)}`;
      if (ms >= WORTH_SAYING_MS) log.info(line);
      else log.debug(line);
      await wait(ms);
    }
  }
}

/** What a server says with a refusal that passes: how long to wait for it, in ms, if it says that. */
export interface Passing {
  readonly waitMs?: number | undefined;
}

/**
 * Waits from a list, one for each further try, or as long as the server asks for. An error that does not pass, a server
 * that asks for more than `longestMs`, and the end of the list end the trying.
 */
export function listed(
  list: readonly number[],
  passing: (error: unknown) => Passing | undefined,
  longestMs = 60_000,
): Retry['waits'] {
  return (error, failures) => {
    const usual = list[failures - 1];
    const answer = passing(error);
    if (usual === undefined || answer === undefined) return undefined;
    const wait = answer.waitMs ?? usual;
    return wait > longestMs ? undefined : wait;
  };
}

/** Waits, in ms. Rejects with the signal's reason as soon as that ends. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}

/** How long something is waited for, in milliseconds. */
export interface Patience {
  readonly timeoutMs: number;
  /** Time between two questions. */
  readonly pauseMs: number;
}

/** Asks until `done`, at least once; returns the last answer and whether it came in time. */
export async function poll<T>(
  { timeoutMs, pauseMs }: Patience,
  signal: AbortSignal | undefined,
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
): Promise<{ readonly met: boolean; readonly last: T }> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const last = await ask();
    if (done(last)) return { met: true, last };
    if (performance.now() + pauseMs > deadline) return { met: false, last };
    await pause(pauseMs, signal);
  }
}

import { pause } from '../action/retry.ts';

/**
 * A runner sends SIGINT, after 7.5 s SIGTERM, and after 10 s it kills. A command that is being ended may take the first
 * 5 s of that, and then the verdict still has to be shown.
 */
const GRACE_MS = 6_000;

/** How long a forge may be talked to. */
export interface Deadline {
  /** Ends a request that is sent now. */
  readonly signal: AbortSignal;
  /** Resolves after `ms`, and sooner when `signal` ends. */
  pause(ms: number): Promise<void>;
}

/** For what is of no use in a step that was cancelled. */
export function untilCancelled(cancelled: AbortSignal): Deadline {
  return { signal: cancelled, pause: (ms) => pauseUntil(cancelled, ms) };
}

/** For what must not be left half done: what is under way ends at once, and may be tried again for a few seconds. */
export function withGrace(cancelled: AbortSignal, graceMs = GRACE_MS): Deadline {
  let end: AbortSignal | undefined;
  const begin = (): void => {
    end = AbortSignal.timeout(graceMs);
  };
  if (cancelled.aborted) begin();
  else cancelled.addEventListener('abort', begin, { once: true });
  return {
    get signal() {
      return end ?? cancelled;
    },
    pause: (ms) => pauseUntil(end ?? cancelled, ms),
  };
}

async function pauseUntil(signal: AbortSignal, ms: number): Promise<void> {
  await pause(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

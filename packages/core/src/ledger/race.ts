import { pause } from '../action/retry.ts';

/** Everyone in a crowd of this size gets a turn: each round of a race has a winner. */
export const ATTEMPTS = 24;
/** How often a write is tried against a remote that does not answer. */
export const NETWORK_ATTEMPTS = 3;

/** Whether two pushes met on the server; the loser may try again although nothing of its own is there. */
export function isRefLock(stderr: string): boolean {
  return /cannot lock ref|unable to create .*\.lock|already exists|stale info|failed to update ref|remote ref updated since/i.test(
    stderr,
  );
}

/** Waits a random time that grows, so that writers who met do not meet again. */
export async function pauseAtRandom(attempt: number, signal: AbortSignal | undefined): Promise<void> {
  await pause(Math.random() * Math.min(2000, 50 * 2 ** attempt), signal);
}

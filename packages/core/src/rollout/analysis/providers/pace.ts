import { pause } from '../../../action/retry.ts';

/** How fast requests are sent. */
export interface Pace {
  /** Requests a second. */
  readonly rate: number;
  /** Requests under way at once. */
  readonly concurrency: number;
}

/** How many requests a pace allows in a time; one at least. */
export function countWithin({ rate }: Pace, ms: number): number {
  return Math.max(1, Math.floor((rate * ms) / 1000));
}

/**
 * Calls `send` `count` times, each at its time, and never with more than `concurrency` unanswered: a slow server is not given
 * more to do, and what could not begin within `ms` is not sent. Ends when the last one is answered.
 */
export async function sendPaced(
  { rate, concurrency }: Pace,
  { count, ms }: { readonly count: number; readonly ms: number },
  signal: AbortSignal,
  send: () => Promise<void>,
): Promise<void> {
  const began = performance.now();
  const passed = (): number => performance.now() - began;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const early = (index * 1000) / rate - passed();
      if (early > 0) await pause(early, signal);
      if (index > 0 && passed() > ms) return;
      await send();
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker));
}

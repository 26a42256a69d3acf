import { pause } from '../../../action/retry.ts';
import { exchange, type Exchange } from '../../../serving/exchange.ts';

/** Waits before a server that did not answer, or said that it cannot now, is asked again, in ms. */
const WAITS_MS = [250, 1_000];

/** Asks a server for numbers, three times where the first answers are none. Throws only when aborted. */
export async function ask(
  url: string,
  init: RequestInit,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Exchange> {
  let answer = await exchange(url, init, timeoutMs, signal);
  for (const ms of WAITS_MS) {
    if (answer.kind === 'answered' && answer.status < 500 && answer.status !== 429) return answer;
    await pause(ms, signal);
    answer = await exchange(url, init, timeoutMs, signal);
  }
  return answer;
}

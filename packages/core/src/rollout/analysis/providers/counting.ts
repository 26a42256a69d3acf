import { pause } from '../../../action/retry.ts';
import type { Observation } from '../samples.ts';
import type { Analysis, Window } from './kind.ts';
import { errorRules } from './limits.ts';

/** What nobody could count yet is asked for again with the next window, for no longer than this. */
const LONGEST_OWED_MS = 3_600_000;

/**
 * An analysis of what somebody else counted: the share of errors, asked for when a window is over. A window that yields no samples
 * is asked for again together with the next one, so that requests that are counted late are not lost.
 */
export function countingAnalysis(
  config: Parameters<typeof errorRules>[0] & Parameters<typeof errorRules>[1],
  count: (window: Window, signal: AbortSignal) => Promise<Observation>,
): Analysis {
  const rules = errorRules(config, config);
  let owed: Window | undefined;
  return {
    needs: [],
    rules,
    async sample(window, signal) {
      await untilOver(window, signal);
      const asked = joined(owed, window);
      const observation = await count(asked, signal);
      owed = observation.kind === 'samples' ? undefined : asked;
      return rules.map(({ id }) => ({ metric: id, observation }));
    },
  };
}

/** Both windows as one, where the traffic was split alike in them. */
function joined(owed: Window | undefined, window: Window): Window {
  const { since, ms, arms } = window;
  if (owed === undefined || splitOf(owed) !== splitOf(window)) return window;
  const until = since.getTime() + ms;
  const from = Math.max(owed.since.getTime(), until - LONGEST_OWED_MS);
  return { since: new Date(from), ms: until - from, arms };
}

function splitOf({ arms }: Window): string {
  return JSON.stringify([arms.candidate, arms.stable].map((arm) => [arm?.version, arm?.weight]));
}

/** Waits for the end of a window; no longer than it is, whatever is done to the clock meanwhile. */
export async function untilOver({ since, ms }: Window, signal: AbortSignal): Promise<void> {
  const left = Math.min(ms, since.getTime() + ms - Date.now());
  if (left > 0) await pause(left, signal);
}

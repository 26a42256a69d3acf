import { pause } from '../../../action/retry.ts';
import type { Observation } from '../samples.ts';
import type { Analysis, Window } from './kind.ts';
import { errorRules } from './limits.ts';

/** An analysis of what somebody else counted: the share of errors, asked for when a window is over. */
export function countingAnalysis(
  config: Parameters<typeof errorRules>[0] & Parameters<typeof errorRules>[1],
  count: (window: Window, signal: AbortSignal) => Promise<Observation>,
): Analysis {
  const rules = errorRules(config, config);
  return {
    needs: [],
    rules,
    async sample(window, signal) {
      await untilOver(window, signal);
      const observation = await count(window, signal);
      return rules.map(({ id }) => ({ metric: id, observation }));
    },
  };
}

/** Waits for the end of a window; no longer than it is, whatever is done to the clock meanwhile. */
export async function untilOver({ since, ms }: Window, signal: AbortSignal): Promise<void> {
  const left = Math.min(ms, since.getTime() + ms - Date.now());
  if (left > 0) await pause(left, signal);
}

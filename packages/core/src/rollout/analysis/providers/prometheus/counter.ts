/** A series of a counter: its labels, and what was scraped, in order of time. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970, and the value. */
  readonly samples: readonly (readonly [at: number, value: number])[];
}

/** How far back the last sample before a window may lie; an older one counts as none. */
export const LOOKBACK_S = 600;

/**
 * By how much counters rose in a window, in seconds since 1970, all series together. What was scraped last before the window
 * is where it begins, so that windows one after the other count everything once; a series that was born in the window
 * began at zero, and so did one that fell.
 */
export function increaseOf(
  series: readonly Series[],
  { since, until }: { readonly since: number; readonly until: number },
): number {
  return series.reduce((sum, { samples }) => sum + increaseOfOne(samples, since, until), 0);
}

function increaseOfOne(samples: Series['samples'], since: number, until: number): number {
  let last = samples.findLast(([at]) => at <= since)?.[1] ?? 0;
  let rose = 0;
  for (const [at, value] of samples) {
    if (at <= since || at > until) continue;
    rose += value < last ? value : value - last;
    last = value;
  }
  return rose;
}

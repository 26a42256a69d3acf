import type { Evidence, Tuning } from './evidence.ts';
import { concentrationFor, logAtMost } from './mixture.ts';

export interface Hits {
  readonly n: number;
  readonly hits: number;
}

/**
 * One share, exact for any number of samples: the one-sided beta-binomial mixture in either direction. Assumed is only that
 * each sample, given those before it, is a hit with a probability on the stated side.
 */
export function proportionEvidence(found: Hits, tuning: Tuning): Evidence {
  const concentration = concentrationFor(tuning.samples, tuning.alpha);
  return {
    estimate: found.hits / found.n,
    range: [0, 1],
    above: (p) => logAtMost(found.n, found.hits, p, concentration),
    below: (p) => logAtMost(found.n, found.n - found.hits, 1 - p, concentration),
  };
}

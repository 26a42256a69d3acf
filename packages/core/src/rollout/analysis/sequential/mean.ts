import type { Evidence, Tuning } from './evidence.ts';
import { concentrationFor, logNormalMixture } from './mixture.ts';

/** Fewer samples say nothing: the variance is estimated, and the normal distribution is not yet near. */
export const FEWEST = 50;

/** An estimate with its variance, and the number of samples it is worth. */
export interface Estimated {
  readonly distance: number;
  readonly variance: number;
  readonly samples: number;
}

/**
 * ln of the e-process against "the truth is at most 0" from a normal estimate with an estimated variance: an asymptotic confidence
 * sequence (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences",
 * Annals of Statistics 52(6), 2024), with the one-sided mixture. It holds the better the more samples there are at the first
 * look; bench/rollout measures how well.
 */
export function logAsymptotic({ distance, variance, samples }: Estimated, tuning: Tuning): number {
  if (distance === 0) return -Infinity;
  const z = variance > 0 ? distance / Math.sqrt(variance) : Math.sign(distance) * Infinity;
  if (!Number.isFinite(z)) return z;
  return logNormalMixture(z * Math.sqrt(samples), samples, concentrationFor(tuning.samples, tuning.alpha));
}

/** Count, mean and sum of squared distances from it. */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly m2: number;
}

/**
 * One mean. Assumed are independent samples with a finite variance. The squares are taken around the hypothesis, not around the mean
 * of the samples (self-normalized, as in de la Peña, "A general class of exponential inequalities for martingales and ratios",
 * Annals of Probability 27(1), 1999): numbers that happen to be alike are then no proof.
 */
export function meanEvidence({ n, mean, m2 }: Moments, tuning: Tuning): Evidence {
  const against = (distance: number): number =>
    n < FEWEST
      ? -Infinity
      : logAsymptotic({ distance, variance: (m2 / n + distance ** 2) / n, samples: n }, tuning);
  return {
    estimate: mean,
    range: [-Infinity, Infinity],
    above: (x) => against(mean - x),
    below: (x) => against(x - mean),
  };
}

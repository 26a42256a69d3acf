import type { Groups } from '../groups.ts';
import { exactSum } from '../metrics/sum.ts';

/** The mean of paired differences, its standard error, and the degrees of freedom of its t statistic. */
export interface MeanDifference {
  readonly difference: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  /** Sample standard deviation of the rows' differences. */
  readonly deviation: number;
}

/**
 * The mean of `differences` as the paired t test sees it. With `clusters` (a number per row, from 0) the standard error
 * is the clustered one, Σ_c (Σ_{i∈c} (d_i − d̄))² · G/(G − 1) / n² with G − 1 degrees of freedom, so that rows that belong
 * together do not count as independent (Miller, arXiv:2411.00640, 2024; the correction G/(G − 1) as in Stata and
 * statsmodels). With one row, or one cluster, the standard error is NaN.
 */
export function meanDifference(differences: Float64Array, clusters?: Groups): MeanDifference {
  const n = differences.length;
  const difference = exactSum(differences) / n;
  const squares = exactSum(differences.map((d) => (d - difference) ** 2));
  const deviation = Math.sqrt(squares / (n - 1));
  if (clusters === undefined) {
    return { difference, standardError: deviation / Math.sqrt(n), degreesOfFreedom: n - 1, deviation };
  }
  const totals = new Float64Array(clusters.count);
  for (let i = 0; i < n; i++) {
    const c = clusters.of[i] as number;
    totals[c] = (totals[c] as number) + ((differences[i] as number) - difference);
  }
  const between = exactSum(totals.map((t) => t * t)) * (clusters.count / (clusters.count - 1));
  return {
    difference,
    standardError: Math.sqrt(between) / n,
    degreesOfFreedom: clusters.count - 1,
    deviation,
  };
}

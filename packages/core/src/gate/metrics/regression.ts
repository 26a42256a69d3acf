import { MetricError } from '../measurement.ts';
import { numericPairs, type Sample } from '../sample.ts';
import { exactSum, meanOf, sumOf } from './sum.ts';

/** |label − prediction| of each row. */
export function absoluteErrors(sample: Sample): Float64Array {
  const { truth, guess } = numericPairs(sample);
  return truth.map((y, i) => Math.abs(y - (guess[i] as number)));
}

/** (label − prediction)² of each row. */
export function squaredErrors(sample: Sample): Float64Array {
  const { truth, guess } = numericPairs(sample);
  return truth.map((y, i) => (y - (guess[i] as number)) ** 2);
}

/** Root of the mean squared error, in the label's unit. */
export function rmse(sample: Sample): number {
  return Math.sqrt(meanOf(squaredErrors(sample)));
}

/**
 * |label − prediction| / |label| of each row as a share, 0.1 for 10 % (scikit-learn `mean_absolute_percentage_error`);
 * throws MetricError where a label is 0.
 */
export function relativeErrors(sample: Sample): Float64Array {
  const { truth } = numericPairs(sample);
  const zero = truth.indexOf(0);
  if (zero >= 0) {
    throw new MetricError(
      'undefined-metric',
      `The label of row ${zero + 1} is 0, so its relative error is x/0.`,
    );
  }
  return absoluteErrors(sample).map((error, i) => error / Math.abs(truth[i] as number));
}

/** Coefficient of determination, 1 − SS_res / SS_tot (scikit-learn `r2_score`); below 0 is worse than the mean. */
export function r2(sample: Sample): number {
  const { truth } = numericPairs(sample);
  const mean = exactSum(truth) / sample.rows;
  const total = sumOf(sample.rows, (i) => ((truth[i] as number) - mean) ** 2);
  if (total === 0) {
    throw new MetricError('undefined-metric', 'All labels are equal, so there is no variance to explain.');
  }
  return 1 - exactSum(squaredErrors(sample)) / total;
}

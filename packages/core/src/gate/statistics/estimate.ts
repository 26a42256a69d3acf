import type { TestName } from './choice.ts';
import type { Groups } from '../groups.ts';
import { meanDifference, type MeanDifference } from './mean.ts';
import { mcnemarMidP, tangoBelow, tangoInterval, type Discordance } from './mcnemar.ts';
import { normalCdf, normalQuantile } from '../../statistics/normal.ts';
import type { AreaDifference } from './delong.ts';
import { bcaBelow, bcaInterval, bootstrapError, type BootstrapResult } from './bootstrap.ts';
import type { Precision } from './power.ts';
import { studentCdf, studentQuantile, studentTwoSided } from './student.ts';

/** How far the rows differ between the two models, in the test's own terms. */
export type Spread =
  ({ readonly kind: 'discordance' } & Discordance) | { readonly kind: 'deviation'; readonly perRow: number };

/** What the rows say about the true difference, candidate minus baseline, in the metric's unit. */
export interface Estimate {
  readonly test: TestName;
  /**
   * `identical`: the metric sees both models alike in every row. `degenerate`: the rows differ, but not from each other, or
   * there is only one, so that nothing is known about chance; never significant.
   */
  readonly evidence: 'sampled' | 'identical' | 'degenerate';
  readonly difference: number;
  readonly interval: readonly [number, number];
  /** Two-sided p-value of there being no difference. */
  readonly pValue: number;
  /** Rows that the test looked at. */
  readonly rows: number;
  readonly clusters?: number;
  readonly spread?: Spread;
  /** Absent where nothing is known about chance. */
  readonly precision?: Precision;
  /** One-sided p-value of the true difference being at least `bound`: small when it is clearly lower. */
  readonly below: (bound: number) => number;
}

/** The metric sees both models alike in every row. */
export function identical(test: TestName, rows: number): Estimate {
  const below = (bound: number): number => (bound > 0 ? 0 : 1);
  return { test, evidence: 'identical', difference: 0, interval: [0, 0], pValue: 1, rows, below };
}

function degenerate(test: TestName, difference: number, rows: number): Estimate {
  const interval = [difference, difference] as const;
  return { test, evidence: 'degenerate', difference, interval, pValue: 1, rows, below: () => 1 };
}

/** Differences that vary by less than this share of themselves vary by rounding alone. */
const ROUNDING = 1e-9;

function isConstant(variation: number, difference: number): boolean {
  return !(variation > ROUNDING * Math.abs(difference));
}

/** Tango's interval with McNemar's mid-p. */
export function fromCounts(counts: Discordance, confidence: number): Estimate {
  const { rows, better, worse } = counts;
  const discordant = better + worse;
  return {
    test: 'mcnemar',
    evidence: 'sampled',
    difference: (better - worse) / rows,
    interval: tangoInterval(counts, confidence),
    pValue: mcnemarMidP(counts),
    rows,
    spread: { kind: 'discordance', ...counts },
    precision:
      discordant === 0
        ? { kind: 'no-discordant-row', rows }
        : { kind: 'standard-error', value: Math.sqrt(discordant) / rows, rows },
    below: (bound) => tangoBelow(counts, bound),
  };
}

/** DeLong's difference with normal limits. */
export function fromAreas(
  { difference, standardError }: AreaDifference,
  rows: number,
  confidence: number,
): Estimate {
  if (isConstant(standardError, difference)) {
    // Two models that order every pair alike, such as two perfect ones.
    return difference === 0 ? identical('delong', rows) : degenerate('delong', difference, rows);
  }
  const reach = normalQuantile((1 + confidence) / 2) * standardError;
  return {
    test: 'delong',
    evidence: 'sampled',
    difference,
    interval: [difference - reach, difference + reach],
    pValue: 2 * normalCdf(-Math.abs(difference) / standardError),
    rows,
    ...measured(standardError, rows),
    below: (bound) => normalCdf((difference - bound) / standardError),
  };
}

/** The paired t test of one difference per row. */
export function fromDifferences(
  differences: Float64Array,
  clusters: Groups | undefined,
  confidence: number,
): Estimate {
  const rows = differences.length;
  if (differences.every((d) => d === 0)) return identical('paired-t', rows);
  const mean: MeanDifference = meanDifference(differences, clusters);
  const { difference, standardError, degreesOfFreedom: df } = mean;
  // Clusters whose differences cancel out leave rounding alone, which says nothing about chance.
  const scale = Math.max(Math.abs(difference), mean.deviation);
  if (isConstant(standardError, scale)) return degenerate('paired-t', difference, rows);
  const reach = studentQuantile((1 + confidence) / 2, df) * standardError;
  return {
    test: 'paired-t',
    evidence: 'sampled',
    difference,
    interval: [difference - reach, difference + reach],
    pValue: studentTwoSided(difference / standardError, df),
    rows,
    ...(clusters === undefined ? {} : { clusters: clusters.count }),
    spread: { kind: 'deviation', perRow: mean.deviation },
    precision: { kind: 'standard-error', value: standardError, rows },
    below: (bound) => studentCdf((difference - bound) / standardError, df),
  };
}

/** More resamples than this share without a value, and the rest say too little. */
const MOST_UNDEFINED = 0.01;

/** The BCa bootstrap. */
export function fromResamples(
  result: BootstrapResult,
  { rows, resamples, clusters }: { rows: number; resamples: number; clusters?: number | undefined },
  confidence: number,
): Estimate {
  const { replicates, estimate } = result;
  const variation = (replicates[replicates.length - 1] ?? NaN) - (replicates[0] ?? NaN);
  const isEnough = clusters !== 1 && replicates.length >= resamples * (1 - MOST_UNDEFINED);
  if (isEnough && variation === 0 && estimate === 0) return identical('bootstrap', rows);
  if (!isEnough || isConstant(variation, estimate)) return degenerate('bootstrap', estimate, rows);
  const below = bcaBelow(result, 0);
  return {
    test: 'bootstrap',
    evidence: 'sampled',
    difference: estimate,
    interval: bcaInterval(result, confidence),
    pValue: Math.min(1, 2 * Math.min(below, 1 - below)),
    rows,
    ...(clusters === undefined ? {} : { clusters }),
    ...measured(bootstrapError(result), rows),
    below: (bound) => bcaBelow(result, bound),
  };
}

function measured(standardError: number, rows: number): { spread: Spread; precision: Precision } {
  return {
    spread: { kind: 'deviation', perRow: standardError * Math.sqrt(rows) },
    precision: { kind: 'standard-error', value: standardError, rows },
  };
}

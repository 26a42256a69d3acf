import type { Certainty } from '../../certainty.ts';
import { allowedChange, roundingError, type BaselineValue, type RegressionFinding } from './limits.ts';
import type { MetricRule } from './settle.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { holm } from '../../statistics/holm.ts';
import { minimumDetectableEffect, rowsRequired } from '../../statistics/power.ts';

/** What the rows say about a change, in numbers. All of them unrounded. */
export interface Comparison extends Omit<Estimate, 'below' | 'precision'> {
  readonly confidence: number;
  /** One-sided p-value of the change being within the limit: small when it is clearly beyond. */
  readonly regressionPValue?: number;
  /** The same after Holm's adjustment over all rules and slices that can fail. */
  readonly adjustedPValue?: number;
  /** The smallest change that these rows show in 80 of 100 runs. */
  readonly minimumDetectableEffect?: number;
  /** Rows with which an equal model is shown to be within the limit in 80 of 100 runs. */
  readonly rowsRequired?: number;
}

/** One rule, on all rows or a slice, whose regression limit is judged by an interval. */
export interface RegressionCase {
  readonly rule: MetricRule;
  readonly baseline: BaselineValue;
  readonly estimate: Estimate;
}

/**
 * Puts estimates into numbers and, where a rule limits regressions, tries the limit: it holds when the whole interval is
 * within it, is broken when the whole interval is beyond it (non-inferiority), and is inconclusive otherwise. Of the
 * rules that can fail, a break must also survive Holm's adjustment, so that many rules do not add up to false alarms.
 */
export function judgeRegressions(
  cases: readonly RegressionCase[],
  { confidence }: Certainty,
): { comparison: Comparison; finding: RegressionFinding | undefined }[] {
  const margins = cases.map(({ rule, baseline }) => marginOf(rule, baseline));
  const pValues = cases.map((one, i) => pValueBeyond(one, margins[i]));
  const family = cases.flatMap(({ rule }, i) =>
    rule.severity === 'fail' && pValues[i] !== undefined ? [i] : [],
  );
  const adjusted = new Map(holm(family.map((i) => pValues[i] as number)).map((p, k) => [family[k], p]));
  return cases.map((one, i) => ({
    comparison: inNumbers(one.estimate, confidence, margins[i], pValues[i], adjusted.get(i)),
    finding: margins[i] === undefined ? undefined : find(one, margins[i], confidence, adjusted.get(i)),
  }));
}

function marginOf(rule: MetricRule, baseline: BaselineValue): number | undefined {
  return rule.maxRegression === undefined || baseline.kind !== 'value'
    ? undefined
    : allowedChange(rule.maxRegression, baseline.value);
}

function pValueBeyond({ rule, estimate }: RegressionCase, margin: number | undefined): number | undefined {
  if (margin === undefined) return undefined;
  if (estimate.evidence !== 'sampled') return 1;
  return rule.direction === 'higher' ? estimate.below(-margin) : 1 - estimate.below(margin);
}

function find(
  { rule, baseline, estimate }: RegressionCase,
  margin: number,
  confidence: number,
  adjusted: number | undefined,
): RegressionFinding {
  if (estimate.evidence === 'identical') return 'holds';
  if (estimate.evidence === 'degenerate') return 'inconclusive';
  const [low, high] = estimate.interval;
  const [worst, best] = rule.direction === 'higher' ? [low, high] : [-high, -low];
  const slack = roundingError(baseline.kind === 'value' ? baseline.value : 0, margin, worst, best);
  if (worst >= -margin - slack) return 'holds';
  const isBeyond = best < -margin - slack;
  return isBeyond && (adjusted ?? 0) <= (1 - confidence) / 2 ? 'broken' : 'inconclusive';
}

function inNumbers(
  { below: _, precision, ...estimate }: Estimate,
  confidence: number,
  margin: number | undefined,
  pValue: number | undefined,
  adjusted: number | undefined,
): Comparison {
  const required =
    precision === undefined || margin === undefined ? undefined : rowsRequired(precision, margin, confidence);
  return {
    ...estimate,
    confidence,
    ...(pValue === undefined ? {} : { regressionPValue: pValue }),
    ...(adjusted === undefined ? {} : { adjustedPValue: adjusted }),
    ...(precision === undefined
      ? {}
      : { minimumDetectableEffect: minimumDetectableEffect(precision, confidence) }),
    ...(required === undefined ? {} : { rowsRequired: required }),
  };
}

import { formatApart, formatNumber } from '../../../report/numbers.ts';
import type { FairnessFinding, FairnessLimit, FairnessResult, FairnessRule } from './settle.ts';

type Measured = Extract<FairnessFinding, { found: 'measured' }>;

/** One sentence about a fairness rule. Plain text. */
export function describeFairness({ id, rule, fairness: finding }: FairnessResult): string {
  if (finding.found === 'error') return `${id}: ${finding.message}`;
  const { difference, ratio, baseline, broken, needsBaseline } = finding;
  const groups = `groups by ${rule.by.join(' × ')}`;
  if (broken.length > 0) {
    return `${id}: ${groups} ${broken.map((limit) => brokenText(limit, rule, finding)).join('; they ')}.`;
  }
  const shares = ratio === undefined ? '' : `, their ratio is ${formatNumber(ratio)}`;
  const before = baseline === undefined ? '' : ` (baseline ${formatNumber(baseline.difference)})`;
  const missing = needsBaseline ? '; there is nothing to compare them with yet' : '';
  return `${id}: ${groups} differ by ${formatNumber(difference)} at most${before}${shares}${missing}.`;
}

function brokenText(
  limit: FairnessLimit,
  rule: FairnessRule,
  { difference, ratio, baseline }: Measured,
): string {
  switch (limit) {
    case 'max-difference': {
      const [value, allowed] = formatApart(difference, rule.maxDifference ?? NaN);
      return `differ by ${value}, and at most ${allowed} is allowed`;
    }
    case 'min-ratio': {
      const [value, allowed] = formatApart(ratio ?? NaN, rule.minRatio ?? NaN);
      return `have a ratio of ${value}, and at least ${allowed} is asked for`;
    }
    case 'max-regression': {
      const before = baseline?.difference ?? NaN;
      const [growth, allowed, from, to] = formatApart(
        difference - before,
        rule.maxRegression ?? NaN,
        before,
        difference,
      );
      return `differ by ${growth} more than for the baseline (from ${from} to ${to}), and ${allowed} more is allowed`;
    }
  }
}

/** What a result is called. */
export function fairnessLabel({ id, rule }: FairnessResult): string {
  return `${id} by ${rule.by.join(' × ')}`;
}

/** The rule as it is written in sluice.yaml. Plain text. */
export function fairnessRuleText({ rule }: FairnessResult): string {
  const { fairness, by, maxDifference, minRatio, maxRegression } = rule;
  const limits = [
    maxDifference === undefined ? '' : `, max-difference: ${maxDifference}`,
    minRatio === undefined ? '' : `, min-ratio: ${minRatio}`,
    maxRegression === undefined ? '' : `, max-regression: ${maxRegression}`,
  ];
  return `{fairness: ${fairness}, by: ${by.length === 1 ? by[0] : `[${by.join(', ')}]`}${limits.join('')}}`;
}

/** How differently groups are treated and what to do about it. Plain text. */
export function fairnessFix(result: FairnessResult): string {
  return result.fairness.found === 'error'
    ? describeFairness(result)
    : `${describeFairness(result)} Bring the groups closer together, or change the limit in review.`;
}

/** Whether a limit is broken that does nothing but inform. */
export function isInformational({ rule, fairness: finding }: FairnessResult): boolean {
  return rule.severity === 'info' && finding.found === 'measured' && finding.broken.length > 0;
}

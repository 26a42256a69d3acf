import {
  decisiveCheck,
  isAboutCases,
  isAboutCondition,
  isAboutFairness,
  type AnyResult,
  type RuleResult,
} from '../verdict.ts';
import type { Check } from '../kinds/metric/limits.ts';
import type { ChangeLimit } from '../kinds/metric/settle.ts';
import { formatApart } from '../../report/numbers.ts';
import { conditionRemedy, conditionRuleText } from '../kinds/condition/words.ts';
import { isCompared, type Compared } from './intervals.ts';
import { describeResult, labelOf } from './sentences.ts';

type BrokenCheck = Extract<Check, { bound: number }>;

/** The rule as it is written in sluice.yaml, with the limit that decided. Plain text. */
export function ruleText(result: AnyResult): string {
  if (isAboutCases(result)) return '{cases: …, must: stay-correct}';
  if (isAboutFairness(result)) {
    const { fairness, by, maxDifference, minRatio, maxRegression } = result.rule;
    const limits = [
      maxDifference === undefined ? '' : `, max-difference: ${maxDifference}`,
      minRatio === undefined ? '' : `, min-ratio: ${minRatio}`,
      maxRegression === undefined ? '' : `, max-regression: ${maxRegression}`,
    ];
    return `{fairness: ${fairness}, by: ${by.length === 1 ? by[0] : `[${by.join(', ')}]`}${limits.join('')}}`;
  }
  if (isAboutCondition(result)) return conditionRuleText(result);
  const { rule } = result;
  const limit = limitText(result, decisiveCheck(result)?.kind);
  return `{metric: ${rule.metric}${limit === '' ? '' : `, ${limit}`}}`;
}

function limitText({ rule }: RuleResult, kind: Check['kind'] | undefined): string {
  switch (kind) {
    case 'min':
      return `min: ${rule.min}`;
    case 'max':
      return `max: ${rule.max}`;
    case 'max-regression':
      return `max-regression: ${changeText(rule.maxRegression)}`;
    case 'max-improvement':
      return `max-improvement: ${changeText(rule.maxImprovement)}`;
    default:
      return '';
  }
}

function changeText(limit: ChangeLimit | undefined): string {
  const { abs, rel, combine } = limit ?? { combine: 'max' };
  const share = rel === undefined ? undefined : `${Number((rel * 100).toPrecision(12))}%`;
  if (abs === undefined || share === undefined) return String(abs ?? share);
  return `{abs: ${abs}, rel: ${share}, combine: ${combine}}`;
}

/** What a result is called and what would fix it, with the numbers. Plain text. */
export function fixOf(result: AnyResult): string {
  if (isAboutCases(result)) {
    return result.cases.found === 'error'
      ? describeResult(result)
      : `${describeResult(result)} Look at these rows; where a label is wrong, correct it or take the case off the list in review.`;
  }
  if (isAboutFairness(result)) {
    return result.fairness.found === 'error'
      ? describeResult(result)
      : `${describeResult(result)} Bring the groups closer together, or change the limit in review.`;
  }
  if (isAboutCondition(result)) return `${describeResult(result)} ${conditionRemedy(result)}`.trimEnd();
  const check = decisiveCheck(result);
  if (check?.found === 'pre-existing') {
    return `${describeResult(result)} Nothing blocks the change; improve the model or correct the limit.`;
  }
  return check?.found === 'broken' ? fixOfLimit(result, check) : describeResult(result);
}

function fixOfLimit(result: RuleResult, { kind, bound, allowed = NaN }: BrokenCheck): string {
  const { candidate = NaN, rule } = result;
  const label = labelOf(result);
  if (kind === 'max-improvement') {
    const [value, limit] = formatApart(candidate, bound);
    return `${label} is ${value}, more than ${limit} is too good to be believed: look for a leak, or raise the limit where the jump is real.`;
  }
  if (kind === 'max-regression' && isCompared(result)) {
    const [value, enough] = formatApart(candidate, enoughFor(result, allowed));
    return `${label} is ${value}; about ${enough} on these rows would pass.`;
  }
  const isFloor = kind === 'min' || (kind === 'max-regression' && rule.direction === 'higher');
  const [value, limit] = formatApart(candidate, bound);
  return `${label} is ${value}; at ${isFloor ? 'least' : 'most'} ${limit} would pass.`;
}

/** The interval moves with the candidate's value, as long as the models differ in about as many rows. */
function enoughFor({ rule, candidate = NaN, comparison: { interval } }: Compared, allowed: number): number {
  const [low, high] = interval;
  return rule.direction === 'higher' ? candidate - allowed - low : candidate + allowed - high;
}

import {
  decisiveCheck,
  isAboutCases,
  isAboutCondition,
  isAboutFairness,
  type AnyResult,
  type RuleResult,
} from '@sluice/core/gate/verdict.ts';
import type { Check } from '@sluice/core/gate/limits.ts';
import type { ChangeLimit } from '@sluice/core/gate/rules.ts';
import { formatApart, formatNumber } from '@sluice/core/report/numbers.ts';
import { conditionRemedy, conditionRuleText } from '../conditions.ts';
import { isCompared, type Compared } from '../intervals.ts';

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

/** What would make a result pass, with the number; empty where its own sentence says so already. Plain text. */
export function remedyOf(result: AnyResult): string {
  if (isAboutCases(result)) {
    return result.cases.found === 'error'
      ? ''
      : 'Look at these rows; where a label is wrong, correct it, or take the case off the list in review.';
  }
  if (isAboutFairness(result)) {
    return result.fairness.found === 'error'
      ? ''
      : 'Look at the groups below; bring them closer together, or change the limit in review.';
  }
  if (isAboutCondition(result)) return conditionRemedy(result);
  const check = decisiveCheck(result);
  if (check?.found === 'pre-existing')
    return 'Nothing blocks the change; improve the model or correct the limit.';
  if (check?.found !== 'broken') return '';
  if (check.kind === 'max-improvement') return 'Where the jump is real, raise the limit in review.';
  if (check.kind === 'max-regression' && isCompared(result)) return aboutEnough(result, check.allowed ?? NaN);
  return check.kind === 'max-regression' ? '' : missingPart(check.bound, result.candidate ?? NaN);
}

function missingPart(bound: number, candidate: number): string {
  return `${formatNumber(Math.abs(bound - candidate))} ${bound > candidate ? 'more' : 'less'} would pass.`;
}

/** The interval moves with the candidate's value, as long as the models differ in about as many rows. */
function aboutEnough({ rule, candidate = NaN, comparison: { interval } }: Compared, allowed: number): string {
  const [low, high] = interval;
  const enough = rule.direction === 'higher' ? candidate - allowed - low : candidate + allowed - high;
  const [text] = formatApart(enough, candidate);
  return `On these rows about ${text} would pass.`;
}

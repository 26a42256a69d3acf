import { formatApart } from '../../../report/numbers.ts';
import { isCompared, type Compared } from './interval-words.ts';
import type { Check } from './limits.ts';
import type { ChangeLimit } from './settle.ts';
import { decisiveCheck, type MetricResult } from './verdict.ts';
import { describeMetric, labelOf } from './words.ts';

type BrokenCheck = Extract<Check, { bound: number }>;

/** The rule as it is written in sluice.yaml, with the limit that decided. Plain text. */
export function ruleText(result: MetricResult): string {
  const { rule } = result;
  const limit = limitText(result, decisiveCheck(result)?.kind);
  return `{metric: ${rule.metric}${limit === '' ? '' : `, ${limit}`}}`;
}

function limitText({ rule }: MetricResult, kind: Check['kind'] | undefined): string {
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
export function fixOf(result: MetricResult): string {
  const check = decisiveCheck(result);
  if (check?.found === 'pre-existing') {
    return `${describeMetric(result)} Nothing blocks the change; improve the model or correct the limit.`;
  }
  return check?.found === 'broken' ? fixOfLimit(result, check) : describeMetric(result);
}

function fixOfLimit(result: MetricResult, { kind, bound, allowed = NaN }: BrokenCheck): string {
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

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

function fixOfLimit(result: MetricResult, check: BrokenCheck): string {
  const { kind, bound } = check;
  const { candidate = NaN, rule } = result;
  const label = labelOf(result);
  if (kind === 'max-improvement') {
    const [value, limit] = formatApart(candidate, bound);
    return `${label} is ${value}, more than ${limit} is too good to be believed: look for a leak, or raise the limit where the jump is real.`;
  }
  if (kind === 'max-regression' && isCompared(result)) return fixOfInterval(result, check);
  const isFloor = kind === 'min' || (kind === 'max-regression' && rule.direction === 'higher');
  const [value, limit] = formatApart(candidate, bound);
  return `${label} is ${value}; at ${isFloor ? 'least' : 'most'} ${limit} would pass.`;
}

function fixOfInterval(result: Compared, { bound, allowed = NaN }: BrokenCheck): string {
  const { candidate = NaN, rule } = result;
  const [value, limit] = formatApart(candidate, bound);
  const enough = enoughFor(result, allowed);
  const side = rule.direction === 'higher' ? 'at least' : 'at most';
  const within = `${labelOf(result)} is ${value}; ${side} ${limit} is allowed, and the whole interval of the change has to stay within that`;
  return enough === undefined
    ? `${within}.`
    : `${within}: about ${formatApart(enough, candidate)[0]} on these rows would pass.`;
}

/**
 * The value at which the interval, moved with it, just fits. It does not move so for a very different model, whose interval
 * is wider than that of one near the limit: undefined where the value would be better than the baseline, which passes too.
 */
function enoughFor(result: Compared, allowed: number): number | undefined {
  const { rule, candidate = NaN, baseline = NaN, comparison } = result;
  const [low, high] = comparison.interval;
  if (rule.direction === 'higher') {
    const enough = candidate - allowed - low;
    return enough <= baseline ? enough : undefined;
  }
  const enough = candidate + allowed - high;
  return enough >= baseline ? enough : undefined;
}

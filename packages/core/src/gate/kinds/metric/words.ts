import { formatApart, formatNumber, formatPercent } from '../../../report/numbers.ts';
import { changeRange, explainInconclusive, isCompared } from './interval-words.ts';
import type { Check } from './limits.ts';
import { decisiveCheck, type MetricResult } from './verdict.ts';

/** What a result is called: the rule, the metric where the name does not say it, and the slice. */
export function labelOf({ id, rule, slice }: MetricResult): string {
  const metric = id === rule.metric ? '' : ` (${rule.metric})`;
  return `${id}${metric}${slice === undefined ? '' : ` where ${sliceText(slice)}`}`;
}

function sliceText(slice: Readonly<Record<string, string>>): string {
  return Object.entries(slice)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');
}

/** One sentence about a result: what was found and, where it is not good, what would pass. Plain text. */
export function describeMetric(result: MetricResult): string {
  const label = labelOf(result);
  const check = decisiveCheck(result);
  if (check === undefined) return `${label} was not judged: it has ${result.rows ?? 0} rows.`;
  const { candidate = NaN, baseline } = result;
  switch (check.found) {
    case 'error':
      return `${label}: ${check.message}`;
    case 'no-baseline':
      return `${label} is ${formatNumber(candidate)}; there is nothing to compare it with yet.`;
    case 'holds':
      return `${label} is ${formatNumber(candidate)}${baseline === undefined ? '' : ` (baseline ${formatNumber(baseline)})`}${rangeText(result)}.`;
    case 'inconclusive':
      return `${label} ${isCompared(result) ? explainInconclusive(result, check.allowed ?? NaN) : 'cannot be told'}.`;
    case 'pre-existing':
      return `${label} breaks its limit as the baseline did, and is no worse: ${aboutLimit(check, candidate)}.`;
    case 'broken':
      return `${label} ${broken(check, result, candidate)}.`;
  }
}

function broken(check: Extract<Check, { bound: number }>, result: MetricResult, candidate: number): string {
  if (check.kind === 'min' || check.kind === 'max')
    return `is out of bounds: ${aboutLimit(check, candidate)}`;
  const baseline = result.baseline ?? NaN;
  const change = candidate - baseline;
  const [by, allowed, from, to, bound] = formatApart(
    Math.abs(change),
    check.allowed ?? NaN,
    baseline,
    candidate,
    check.bound,
  );
  const moved = `${change < 0 ? 'fell' : 'rose'} by ${by}, from ${from} to ${to}`;
  if (check.kind === 'max-improvement') {
    return `${moved}; more than ${allowed} is too good to be believed, so look for a leak: a feature known only afterwards, or test rows among the training data`;
  }
  if (isCompared(result)) {
    return `${moved}; the change is ${changeRange(result)} (${formatPercent(result.comparison.confidence)} interval), and ${allowed} worse is allowed`;
  }
  const side = result.rule.direction === 'higher' ? 'at least' : 'at most';
  return `${moved}; the limit is ${allowed}, so ${side} ${bound} would pass`;
}

function aboutLimit({ kind, bound }: Extract<Check, { bound: number }>, candidate: number): string {
  const [value, limit] = formatApart(candidate, bound);
  return `it is ${value}, and ${kind === 'min' ? 'at least' : 'at most'} ${limit} is asked for`;
}

function rangeText(result: MetricResult): string {
  if (!isCompared(result)) return '';
  if (result.comparison.evidence === 'identical') return '; nothing changed';
  return `; the change is ${changeRange(result)} (${formatPercent(result.comparison.confidence)} interval)`;
}

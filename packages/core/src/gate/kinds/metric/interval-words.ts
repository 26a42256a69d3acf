import { unitMean } from '../../metrics/unit-means.ts';
import type { Comparison } from './regression.ts';
import type { MetricResult } from './verdict.ts';
import { formatApart, formatChange, formatNumber, formatPercent } from '../../../report/numbers.ts';

/** A result whose models were compared row by row. */
export type Compared = MetricResult & { readonly comparison: Comparison };

/** Whether the models were compared row by row. */
export function isCompared(result: MetricResult): result is Compared {
  return result.comparison !== undefined;
}

/** Where the true change lies, in words: `0.0021 worse to 0.0040 better`. */
export function changeRange({ comparison, rule }: Compared): string {
  const { interval, evidence } = comparison;
  if (evidence === 'identical') return 'nothing changed';
  if (evidence === 'degenerate') return 'not known';
  const [low, high] = rule.direction === 'higher' ? interval : [-interval[1], -interval[0]];
  const [from = '', to = ''] = formatApart(Math.abs(low), Math.abs(high));
  if (low >= 0) return `${from} to ${to} better`;
  if (high <= 0) return `${to} to ${from} worse`;
  return `${from} worse to ${to} better`;
}

/** The interval of candidate − baseline for a table cell, signed like the change beside it. */
export function signedRange({ comparison }: Compared): string {
  const { interval, evidence } = comparison;
  if (evidence === 'identical') return 'nothing changed';
  if (evidence === 'degenerate') return 'not known';
  return interval.map((end) => formatChange(end)).join(' to\u00a0');
}

/** Why the rows do not tell, and how many would. `allowed` is the regression limit. */
export function explainInconclusive(result: Compared, allowed: number): string {
  const { comparison } = result;
  if (comparison.evidence === 'degenerate') {
    return `cannot be told: ${rowsText(result)} ${comparison.rows === 1 ? 'says' : 'all say the same and say'} nothing about chance. Evaluate on more ${unitsOf(result)}`;
  }
  const range = `cannot be told: the change is ${changeRange(result)} (${formatPercent(comparison.confidence)} interval), and ${formatNumber(allowed)} worse is allowed`;
  return isBeyond(result, allowed)
    ? `${range}, but ${afterHolm(comparison)}`
    : `${range}. ${precisionText(result)}`;
}

function isBeyond({ comparison: { interval }, rule }: Compared, allowed: number): boolean {
  return rule.direction === 'higher' ? interval[1] < -allowed : interval[0] > allowed;
}

function afterHolm({ adjustedPValue = 1, confidence }: Comparison): string {
  const [p, level] = formatApart(adjustedPValue, (1 - confidence) / 2);
  return `among this many rules and slices one looks like this by chance too often (adjusted p = ${p}, at most ${level} counts)`;
}

function precisionText(result: Compared): string {
  const { comparison } = result;
  const { minimumDetectableEffect: effect } = comparison;
  const shown = effect === undefined ? '' : `, which show a change of ${formatNumber(effect)} or more`;
  return `There are ${rowsText(result)}${spreadText(comparison)}${shown}. ${remedyText(result)}`;
}

function remedyText(result: Compared): string {
  const { rows, rowsRequired } = result.comparison;
  if (rowsRequired === undefined) {
    return `No number of ${unitsOf(result)} shows that a model is not worse at all; allow a small change`;
  }
  return rowsRequired <= rows
    ? `That many ${unitsOf(result)} would let an equal model pass, so it is likely a little worse: improve it, or allow more`
    : `About ${rowsRequired.toLocaleString('en-US')} ${unitsOf(result)} would settle it`;
}

/** What the test counts. */
function unitsOf({ rule }: Compared): 'rows' | 'queries' {
  return unitMean(rule.metric)?.unit === 'query' ? 'queries' : 'rows';
}

function rowsText(result: Compared): string {
  const { rows, clusters } = result.comparison;
  const one = unitsOf(result) === 'rows' ? 'row' : 'query';
  const text = `${rows.toLocaleString('en-US')} ${rows === 1 ? one : unitsOf(result)}`;
  return clusters === undefined ? text : `${text} in ${clusters.toLocaleString('en-US')} clusters`;
}

function spreadText({ spread }: Comparison): string {
  if (spread === undefined) return '';
  return spread.kind === 'discordance'
    ? ` (${spread.better} now right, ${spread.worse} now wrong)`
    : ` (standard deviation per row ${formatNumber(spread.perRow)})`;
}

import type { Check } from './limits.ts';
import { decisiveCheck, type MetricResult } from './verdict.ts';
import { formatApart, formatChange, formatNumber, formatPercent } from '../../../report/numbers.ts';
import { escapeMarkdown, table } from '../../../report/markdown.ts';
import { isCompared, signedRange } from './interval-words.ts';
import { labelOf } from './words.ts';
import { WORD } from '../../report/verdict-words.ts';
import { isInformational } from './news.ts';

/** What a glance takes in, one row a result; empty without any. */
export function briefTable(results: readonly MetricResult[]): string {
  const compared = comparedColumns(results);
  const heads = ['Check', 'Verdict', ...compared.heads, 'Limit'];
  return shown(heads, results, (result) => [
    `${escapeMarkdown(labelOf(result))}${result.slice === undefined ? `, ${result.rule.direction} is better` : ''}`,
    verdictText(result),
    ...compared.cells(result),
    limitText(result),
  ]);
}

/** All that is known, one row a result; empty without any. */
export function fullTable(results: readonly MetricResult[]): string {
  const compared = comparedColumns(results);
  const heads = ['Check', 'Better is', 'Verdict', ...compared.heads, 'Limit', '>Rows'];
  return shown(heads, results, (result) => [
    escapeMarkdown(labelOf(result)),
    result.rule.direction,
    verdictText(result),
    ...compared.cells(result),
    limitText(result),
    rowsText(result),
  ]);
}

function shown(
  heads: readonly string[],
  results: readonly MetricResult[],
  cells: (result: MetricResult) => string[],
): string {
  return results.length === 0 ? '' : table(heads, results.map(cells));
}

/** Without a baseline there is no change to speak of. */
function comparedColumns(results: readonly MetricResult[]): {
  heads: string[];
  cells: (result: MetricResult) => string[];
} {
  if (results.every((result) => result.baseline === undefined)) {
    return { heads: ['>Candidate'], cells: (result) => [shownBeside(result.candidate, result)] };
  }
  const confidence = results.find(isCompared)?.comparison.confidence;
  const interval = confidence === undefined ? 'Interval' : `${formatPercent(confidence)} interval`;
  return {
    heads: ['>Baseline', '>Candidate', '>Change', interval],
    cells: (result) => [
      shownBeside(result.baseline, result),
      shownBeside(result.candidate, result),
      changeText(result),
      intervalText(result),
    ],
  };
}

function changeText({ candidate, baseline }: MetricResult): string {
  return candidate === undefined || baseline === undefined ? '' : formatChange(candidate - baseline);
}

function verdictText(result: MetricResult): string {
  return `${WORD[result.verdict]}${isInformational(result) ? ' (for information)' : ''}`;
}

function rowsText({ rows, comparison }: MetricResult): string {
  return rows === undefined ? '' : (comparison?.rows ?? rows).toLocaleString('en-US');
}

/** Only two numbers were compared where there is no interval. */
function intervalText(result: MetricResult): string {
  if (isCompared(result)) return signedRange(result);
  return result.baseline === undefined ? '' : 'no uncertainty known';
}

/** With enough decimals that a value that fails does not look like the limit it fails. */
function shownBeside(value: number | undefined, result: MetricResult): string {
  if (value === undefined) return '–';
  const check = decisiveCheck(result);
  const isBroken = check?.found === 'broken' || check?.found === 'pre-existing';
  return isBroken ? (formatApart(value, check.bound)[0] as string) : formatNumber(value);
}

/** What the candidate may be, by the tightest of the rule's limits; the sentences say where it comes from. */
function limitText({ checks, rule, candidate }: MetricResult): string {
  const floors: number[] = [];
  const ceilings: number[] = [];
  for (const check of checks) {
    if (!('bound' in check)) continue;
    const isFloor =
      check.kind === 'min' || (check.kind !== 'max' && isRegression(check) === (rule.direction === 'higher'));
    (isFloor ? floors : ceilings).push(check.bound);
  }
  const beside = (bound: number): string =>
    candidate === undefined || candidate === bound
      ? formatNumber(bound)
      : (formatApart(bound, candidate)[0] as string);
  return [
    floors.length === 0 ? '' : `at\u00a0least\u00a0${beside(Math.max(...floors))}`,
    ceilings.length === 0 ? '' : `at\u00a0most\u00a0${beside(Math.min(...ceilings))}`,
    checks.some((check) => check.found === 'no-baseline') ? 'a baseline is needed' : '',
  ]
    .filter((text) => text !== '')
    .join(', ');
}

function isRegression(check: Check): boolean {
  return check.kind === 'max-regression';
}

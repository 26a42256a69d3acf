import { formatClause, formatCondition, formatExpression } from './language.ts';
import type { ClauseFinding, ConditionResult } from './settle.ts';
import type { Assurance } from './sample-size.ts';
import { accepts, type Mode, type Truth } from './truth.ts';
import { code, details, escapeMarkdown, table } from '../../../report/markdown.ts';
import { formatApart, formatNumber } from '../../../report/numbers.ts';
import { percent } from '../../report/intervals.ts';

/** One sentence about a condition. Plain text. */
export function describeCondition({ id, rule, clauses, condition: finding }: ConditionResult): string {
  const judged = clauses.map(clauseText).filter((text) => text !== '');
  switch (finding.found) {
    case 'error':
      return `${id}: ${finding.message.replace(/[.\s]+$/, '')}.`;
    case 'first':
      return `${id}: ${[...judged, 'there is no baseline to compare with yet'].join('; ')}.`;
    case 'rejected':
      return `${id}: ${judged.join('; ')}${rejection(finding.truth)}.`;
    case 'accepted': {
      const uncounted = finding.counted
        ? ''
        : '. This is a dry run, which is not counted, so the reliability is not kept';
      return `${id}: ${judged.join('; ')}${acceptance(finding.truth)} (${assuranceText(rule)})${uncounted}.`;
    }
  }
}

function rejection(truth: Truth): string {
  return truth === 'unknown'
    ? '. The tolerance leaves it open, and mode fp-free rejects what is not shown'
    : '';
}

function acceptance(truth: Truth): string {
  return truth === 'unknown'
    ? '. The tolerance leaves it open, and mode fn-free accepts what is not refuted'
    : '';
}

function assuranceText({ reliability, steps, adaptivity }: Assurance): string {
  return `${percent(reliability)} reliable over ${steps === 1 ? 'one model' : `${steps} models`}, adaptivity ${adaptivity}`;
}

const TRUTH: Readonly<Record<Truth, string>> = { true: 'holds', false: 'does not hold', unknown: 'is open' };

/** `n - o > 0.02 holds: n - o is 0.0312 ± 0.01`; empty where it was not measured. */
function clauseText({ clause, measured }: ClauseFinding): string {
  if (measured === undefined) return '';
  const left = formatExpression(clause);
  const [estimate] = formatApart(measured.estimate, clause.threshold);
  return `${left} ${clause.comparison} ${clause.threshold} ${TRUTH[measured.truth]}: ${left} is ${estimate} ± ${clause.tolerance}`;
}

/** The rule as it is written in sluice.yaml. Plain text. */
export function conditionRuleText({ rule }: ConditionResult): string {
  return `{condition: '${formatCondition(rule.condition)}', mode: ${rule.mode}}`;
}

/** What would be accepted instead of what was rejected; empty where nothing was. Plain text. */
export function conditionRemedy({ rule, clauses, condition: finding }: ConditionResult): string {
  if (finding.found !== 'rejected') return '';
  const missed = clauses.filter(({ measured }) => measured && !accepts(measured.truth, rule.mode));
  const needs = missed.map(({ clause }) => {
    const { comparison, threshold, tolerance } = clause;
    const isMore = comparison === '>';
    const edge = isMore === (rule.mode === 'fp-free') ? threshold + tolerance : threshold - tolerance;
    return `${formatExpression(clause)} ${isMore ? 'above' : 'below'} ${formatNumber(edge)}`;
  });
  return `${needs.join(' and ')} would be accepted.`;
}

/** How many rows a condition needs, for the log. Plain text. */
export function describeRequiredRows({ id, rule, clauses, rowsRequired, rows }: ConditionResult): string {
  const parts = clauses.map(
    ({ clause, required }) => `${formatClause(clause)}: ${grouped(required.rows)} (${required.bound})`,
  );
  const atHand = rows === undefined ? 'no rows are' : `${grouped(rows)} are`;
  return `${id} needs ${grouped(rowsRequired)} rows to be ${assuranceText(rule)}; ${atHand} at hand. ${parts.join(', ')}`;
}

/** Whether a reader has to see it: it does not simply pass. */
export function hasConditionNews({ verdict, condition: finding }: ConditionResult): boolean {
  return verdict !== 'pass' || finding.found !== 'accepted';
}

/** The part of the report about conditions; folded where all simply pass, empty without any. */
export function conditionsPart(
  results: readonly ConditionResult[],
  word: (verdict: ConditionResult['verdict']) => string,
): string {
  if (results.length === 0) return '';
  const heads = ['Condition', 'Verdict', '>Estimate', '>Tolerance', 'Asked for', '>Rows', '>Rows needed'];
  const shown = table(
    heads,
    results.flatMap((result) => result.clauses.map((finding) => clauseRow(result, finding, word))),
  );
  const notes = results.map((result) => `- ${code(result.id)}: ${escapeMarkdown(meaning(result.rule))}`);
  const body = `${shown}\n\n${notes.join('\n')}`;
  return results.some(hasConditionNews)
    ? `#### Conditions\n\n${body}`
    : details(`Conditions (${results.length}), all accepted`, body);
}

function clauseRow(
  { id, verdict, rows, rule }: ConditionResult,
  { clause, measured, required }: ClauseFinding,
  word: (verdict: ConditionResult['verdict']) => string,
): string[] {
  const truth = measured === undefined ? 'not measured' : TRUTH[measured.truth];
  return [
    `${code(id)} ${code(formatExpression(clause))}`,
    rule.condition.length === 1 ? word(verdict) : `${word(verdict)} (${truth})`,
    measured === undefined ? '–' : (formatApart(measured.estimate, clause.threshold)[0] as string),
    `±\u00a0${formatNumber(clause.tolerance)}`,
    `${clause.comparison === '>' ? 'more than' : 'less than'}\u00a0${formatNumber(clause.threshold)}`,
    rows === undefined ? '–' : grouped(rows),
    grouped(required.rows),
  ];
}

const MODES: Readonly<Record<Mode, string>> = {
  'fp-free': 'what the tolerance leaves open is rejected',
  'fn-free': 'what the tolerance leaves open is accepted',
};

function meaning(rule: ConditionResult['rule']): string {
  return `${assuranceText(rule)}; mode ${rule.mode}: ${MODES[rule.mode]}.`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

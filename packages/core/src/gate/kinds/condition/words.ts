import { formatClause, formatCondition, formatExpression } from './language.ts';
import type { ClauseFinding, ConditionResult } from './settle.ts';
import type { Assurance } from './sample-size.ts';
import { accepts, type Truth } from './truth.ts';
import { formatApart, formatNumber, formatPercent } from '../../../report/numbers.ts';

/** One sentence about a condition. Plain text. */
export function describeCondition({ id, rule, clauses, condition: finding }: ConditionResult): string {
  const judged = clauses.map(clauseText).filter((text) => text !== '');
  switch (finding.found) {
    case 'error':
      return `${id}: ${finding.message.replace(/[.\s]+$/, '')}.`;
    case 'first':
      return `${id}: ${[...judged, 'there is nothing to compare with yet'].join('; ')}.`;
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

/** How sure a condition is to be. */
export function assuranceText({ reliability, steps, adaptivity }: Assurance): string {
  return `${formatPercent(reliability)} reliable over ${steps === 1 ? 'one model' : `${steps} models`}, adaptivity ${adaptivity}`;
}

/** What became of a clause. */
export const TRUTH: Readonly<Record<Truth, string>> = {
  true: 'holds',
  false: 'does not hold',
  unknown: 'is open',
};

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

/** What was found and what would be accepted instead. Plain text. */
export function conditionFix(result: ConditionResult): string {
  return `${describeCondition(result)} ${conditionRemedy(result)}`.trimEnd();
}

/** Whether a condition was rejected that does nothing but inform. */
export function isInformational({ rule, condition }: ConditionResult): boolean {
  return rule.severity === 'info' && condition.found === 'rejected';
}

/** `1,000` */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

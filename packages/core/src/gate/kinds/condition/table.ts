import { code, details, escapeMarkdown, table } from '../../../report/markdown.ts';
import { formatApart, formatNumber } from '../../../report/numbers.ts';
import type { ReportParts } from '../kind.ts';
import { WORD } from '../../report/verdict-words.ts';
import { formatExpression } from './language.ts';
import type { ClauseFinding, ConditionResult } from './settle.ts';
import type { Mode } from './truth.ts';
import { assuranceText, grouped, hasConditionNews, TRUTH } from './words.ts';

/** What the report says about conditions; folded where all simply pass. */
export function conditionParts(results: readonly ConditionResult[]): ReportParts {
  return { news: conditionsTable(results) };
}

function conditionsTable(results: readonly ConditionResult[]): string {
  if (results.length === 0) return '';
  const heads = ['Condition', 'Verdict', '>Estimate', '>Tolerance', 'Asked for', '>Rows', '>Rows needed'];
  const shown = table(
    heads,
    results.flatMap((result) => result.clauses.map((finding) => clauseRow(result, finding))),
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
): string[] {
  const truth = measured === undefined ? 'not measured' : TRUTH[measured.truth];
  return [
    `${code(id)} ${code(formatExpression(clause))}`,
    rule.condition.length === 1 ? WORD[verdict] : `${WORD[verdict]} (${truth})`,
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

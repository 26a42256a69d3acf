import { details, escapeMarkdown } from '@sluice/core/report/markdown.ts';
import type { Section } from '@sluice/core/report/sections.ts';
import type { Measurement } from '@sluice/core/gate/measurement.ts';
import type { CasesResult } from '@sluice/core/gate/case-rules.ts';
import type { FairnessResult } from '@sluice/core/gate/fairness-rules.ts';
import type { ChangedRows } from '@sluice/core/gate/cases.ts';
import type { AnyResult, RuleResult } from '@sluice/core/gate/verdict.ts';
import { casesPart, changedLine } from './cases.ts';
import { fairnessPart } from './fairness.ts';
import { comparedLine, countsLine, headline } from './report/headline.ts';
import { metricsTable } from './report/metrics-table.ts';
import { resultTable } from './report/result-table.ts';
import { toDo } from './report/to-do.ts';
import { matters, WORD, worstFirst } from './report/verdict-words.ts';
import type { GateResult } from './result.ts';

/** Everything that the report shows. */
export interface GateReport {
  readonly model: string;
  readonly decision: 'pass' | 'warn' | 'fail' | 'error';
  /** The verdict's one sentence, plain text. */
  readonly message: string;
  readonly baseline: GateResult['baseline'];
  /** Why there is no baseline, one reason per source. */
  readonly tried: readonly string[];
  readonly headCommit: string | undefined;
  readonly results: readonly RuleResult[];
  readonly cases: readonly CasesResult[];
  readonly fairness: readonly FairnessResult[];
  readonly changed: ChangedRows | undefined;
  readonly metrics: ReadonlyMap<string, Measurement>;
  readonly notes: readonly string[];
}

/** More rows than this do not fit into ten seconds. */
const ROWS_SHOWN = 10;

/**
 * The report's sections from top to bottom: the verdict, what was compared, what matters, and folded below it everything
 * else. A section that has nothing to say is empty.
 */
export function reportSections(report: GateReport): Section[] {
  const { cases, fairness, changed, message, notes, metrics } = report;
  const sorted = worstFirst(report.results);
  const all = [...sorted, ...cases, ...fairness];
  const word = (verdict: AnyResult['verdict']): string => WORD[verdict];
  const verdict = (markdown: string): Section => ({ weight: 'verdict', markdown });
  const finding = (markdown: string): Section => ({ weight: 'finding', markdown });
  const appendix = (markdown: string): Section => ({ weight: 'appendix', markdown });
  return [
    verdict(headline(report)),
    verdict(lines(countsLine(all), comparedLine(report), changedLine(changed))),
    finding(whatMatters(sorted)),
    finding(casesPart(cases, word)),
    finding(fairnessPart(fairness, word)),
    verdict(toDo(all, message)),
    finding(notes.map((note) => `> ${escapeMarkdown(note)}`).join('\n>\n')),
    appendix(allResults(sorted)),
    appendix(metricsTable(metrics)),
  ];
}

/** Whether any number differs from the baseline or any rule does not simply pass. */
export function hasNews(results: readonly AnyResult[]): boolean {
  return results.some(matters);
}

/** Lines of one paragraph. */
function lines(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('  \n');
}

function whatMatters(sorted: readonly RuleResult[]): string {
  const shown = sorted.filter(matters);
  const more = shown.length - ROWS_SHOWN;
  const rows = resultTable(shown.slice(0, ROWS_SHOWN));
  return more > 0 ? `${rows}\n\n… and ${more} more in the full list below.` : rows;
}

function allResults(sorted: readonly RuleResult[]): string {
  const isAllShown = sorted.length <= ROWS_SHOWN && sorted.every(matters);
  return isAllShown ? '' : details(`All results (${sorted.length})`, resultTable(sorted));
}

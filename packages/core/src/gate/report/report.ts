import { details, escapeMarkdown } from '../../report/markdown.ts';
import type { Section } from '../../report/sections.ts';
import type { CalibrationBin } from '../metrics/calibration.ts';
import type { CasesResult } from '../kinds/cases/settle.ts';
import type { FairnessResult } from '../kinds/fairness/settle.ts';
import type { ConditionResult } from '../kinds/condition/settle.ts';
import type { ChangedRows } from '../kinds/cases/judge.ts';
import type { AnyResult, RuleResult } from '../verdict.ts';
import { casesPart, changedLine } from '../kinds/cases/words.ts';
import { conditionsPart } from '../kinds/condition/words.ts';
import { fairnessPart } from '../kinds/fairness/words.ts';
import { changedRowsPart } from './changed-rows.ts';
import { comparedLine, countsLine, headline } from './headline.ts';
import { historyPart, type PastVersion } from './history-chart.ts';
import { intervalPart } from './interval-chart.ts';
import { metricsTable, type Measurements } from './metrics-table.ts';
import { reliabilityPart } from './reliability-chart.ts';
import { briefTable } from './result-table.ts';
import { foldedResults } from './slices.ts';
import { whatWouldFixIt, worthALook } from './to-do.ts';
import { isNews, matters, WORD, worstFirst } from './verdict-words.ts';
import type { GateResult } from './result.ts';

/** Everything that the report shows. */
export interface GateReport {
  readonly model: string;
  /** Which job of a matrix; '' without one. */
  readonly matrixKey: string;
  readonly decision: 'pass' | 'warn' | 'fail' | 'error';
  /** Whether it fails and somebody accepted that. */
  readonly accepted: boolean;
  /** The verdict's one sentence, plain text. */
  readonly message: string;
  readonly baseline: GateResult['baseline'];
  /** Why there is no baseline, one reason per source. */
  readonly tried: readonly string[];
  readonly headCommit: string | undefined;
  /** Whether there is something to merge. */
  readonly isPullRequest: boolean;
  readonly results: readonly RuleResult[];
  readonly cases: readonly CasesResult[];
  readonly fairness: readonly FairnessResult[];
  readonly conditions: readonly ConditionResult[];
  readonly changed: ChangedRows | undefined;
  readonly metrics: Measurements;
  readonly baselineMetrics: Measurements;
  /** Oldest first. */
  readonly history: readonly PastVersion[];
  /** Of the candidate's probabilities; empty where there are none. */
  readonly calibration: readonly CalibrationBin[];
  readonly notes: readonly string[];
}

/** More rows than this do not fit into ten seconds. */
const ROWS_SHOWN = 10;

/**
 * The report's sections from top to bottom: the verdict, what was compared, what matters, and folded below it everything
 * else. A section that has nothing to say is empty.
 */
export function reportSections(report: GateReport): Section[] {
  const { cases, fairness, changed, notes } = report;
  const sorted = worstFirst(report.results);
  const all = [...sorted, ...cases, ...fairness, ...report.conditions];
  const word = (verdict: AnyResult['verdict']): string => WORD[verdict];
  const verdict = (markdown: string): Section => ({ weight: 'verdict', markdown });
  const finding = (markdown: string): Section => ({ weight: 'finding', markdown });
  const appendix = (markdown: string): Section => ({ weight: 'appendix', markdown });
  const chart = (markdown: string): Section => ({ weight: 'chart', markdown });
  return [
    verdict(headline(report)),
    verdict(lines(countsLine(all), comparedLine(report), changedLine(changed))),
    verdict(whatWouldFixIt(all)),
    finding(whatMatters(sorted, report.baseline === null ? 'What was measured' : 'What changed')),
    verdict(worthALook(all)),
    finding(casesPart(cases.filter(matters), word)),
    finding(fairnessPart(fairness.filter(matters), word)),
    finding(conditionsPart(report.conditions, word)),
    finding(notes.map((note) => `> ${escapeMarkdown(note)}`).join('\n>\n')),
    chart(folded('Intervals of the changes', intervalPart(sorted))),
    appendix(changedRowsPart(changed)),
    appendix(folded('Cases as they were', casesPart(cases.filter(isQuiet), word))),
    appendix(folded('Groups alike', fairnessPart(fairness.filter(isQuiet), word))),
    ...foldedResults(sorted).map(appendix),
    appendix(metricsTable(report.metrics, report.baselineMetrics)),
    chart(historyPart(report.history, report.results)),
    chart(reliabilityPart(report.calibration)),
  ];
}

/** Whether any number differs from the baseline or any rule does not simply pass. */
export function hasNews(results: readonly AnyResult[]): boolean {
  return results.some(isNews);
}

function isQuiet(result: AnyResult): boolean {
  return !matters(result);
}

/** Lines of one paragraph. */
function lines(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('  \n');
}

function whatMatters(sorted: readonly RuleResult[], title: string): string {
  // What has no number is told in words above.
  const shown = sorted.filter((result) => matters(result) && result.candidate !== undefined);
  const more = shown.length - ROWS_SHOWN;
  const rows = briefTable(shown.slice(0, ROWS_SHOWN));
  if (rows === '') return '';
  return `#### ${title}\n\n${rows}${more > 0 ? `\n\n… and ${more} more in the lists below.` : ''}`;
}

function folded(title: string, body: string): string {
  return body === '' ? '' : details(title, body);
}

import { escapeMarkdown } from '../../report/markdown.ts';
import type { Section } from '../../report/sections.ts';
import { KIND_NAMES, ofKind, rowOf, type AnyResult } from '../kinds/index.ts';
import { changedLine, changedRowsPart } from './changed-rows.ts';
import { changedRulesLine } from './changed-rules.ts';
import { comparedLine } from './compared-line.ts';
import { countsLine } from './counts.ts';
import type { GateReport } from './gate-report.ts';
import { verdictSection } from './headline.ts';
import { historyPart } from './history-chart.ts';
import { metricsTable } from './metrics-table.ts';
import { reliabilityPart } from './reliability-chart.ts';
import { whatWouldFixIt, worthALook } from './to-do.ts';
import { worstFirst } from './verdict-words.ts';

/**
 * The report's sections from top to bottom: the verdict, whose rules they are, what was compared, what matters, and folded below it everything
 * else. A section that has nothing to say is empty.
 */
export function reportSections(report: GateReport): Section[] {
  return [verdictSection(report), ...reasonsOf(report)];
}

/** All sections but the first. */
export function reasonsOf(report: GateReport): Section[] {
  const { results, changed, notes } = report;
  const sorted = KIND_NAMES.flatMap((kind) => worstFirst(ofKind(kind, results)));
  const parts = KIND_NAMES.map((kind) => rowOf(kind).parts(ofKind(kind, results), report.baseline !== null));
  return [
    section('verdict', changedRulesLine(report.rules)),
    section('verdict', lines(countsLine(results), comparedLine(report), changedLine(changed))),
    section('verdict', whatWouldFixIt(sorted)),
    ...parts.map(({ glance }) => section('finding', glance)),
    section('verdict', worthALook(sorted)),
    ...parts.map(({ news }) => section('finding', news)),
    section('finding', notes.map((note) => `> ${escapeMarkdown(note)}`).join('\n>\n')),
    ...parts.map(({ chart }) => section('chart', chart)),
    section('appendix', changedRowsPart(changed)),
    ...parts.map(({ quiet }) => section('appendix', quiet)),
    ...parts.flatMap(({ every = [] }) => every.map((part) => section('appendix', part))),
    section('appendix', metricsTable(report.metrics, report.baselineMetrics)),
    section('chart', historyPart(report.history, ofKind('metric', results))),
    section('chart', reliabilityPart(report.calibration)),
  ];
}

/** Whether any number differs from the baseline or any rule does not simply pass. */
export function hasNews(results: readonly AnyResult[]): boolean {
  return results.some((result) => rowOf(result.kind).words.isNews(result));
}

function section(weight: Section['weight'], markdown = ''): Section {
  return { weight, markdown };
}

/** Lines of one paragraph. */
function lines(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('  \n');
}

import type { ReportParts } from '../kind.ts';
import { worstFirst } from '../../report/verdict-words.ts';
import { intervalPart } from './interval-chart.ts';
import { matters } from './news.ts';
import { foldedResults } from './slice-tables.ts';
import { briefTable } from './table.ts';
import type { MetricResult } from './verdict.ts';

/** More rows than this do not fit into ten seconds. */
const ROWS_SHOWN = 10;

/** What the report says about metrics, the worst first. */
export function metricParts(results: readonly MetricResult[], hasBaseline: boolean): ReportParts {
  const sorted = worstFirst(results);
  return {
    glance: glance(sorted, hasBaseline ? 'What changed' : 'What was measured'),
    chart: intervalPart(sorted),
    every: foldedResults(sorted),
  };
}

function glance(sorted: readonly MetricResult[], title: string): string {
  // What has no number is told in words above.
  const shown = sorted.filter((result) => matters(result) && result.candidate !== undefined);
  const more = shown.length - ROWS_SHOWN;
  const rows = briefTable(shown.slice(0, ROWS_SHOWN));
  if (rows === '') return '';
  return `#### ${title}\n\n${rows}${more > 0 ? `\n\n… and ${more} more in the lists below.` : ''}`;
}

import type { MetricResult } from '../kinds/metric/verdict.ts';
import { details, escapeMarkdown } from '../../report/markdown.ts';
import { lineChart, type Point } from '../../report/mermaid.ts';
import { formatNumber } from '../../report/numbers.ts';

/** A registered version and the metrics that its tag names. */
export interface PastVersion {
  readonly version: string;
  readonly metrics: Readonly<Record<string, number>>;
}

/** The first rules are the important ones; more charts than this nobody looks at. */
const METRICS_SHOWN = 3;
const CANDIDATE = 'this change';

/**
 * For each of the first metrics that rules name, its value in the last versions and in the candidate, folded. Empty where
 * no version's tag names one of them.
 */
export function historyPart(history: readonly PastVersion[], results: readonly MetricResult[]): string {
  const overall = results.filter((result) => result.slice === undefined && result.candidate !== undefined);
  const byMetric = new Map(overall.map((result) => [result.rule.metric, result]));
  const parts = [...byMetric.values()]
    .map((result) => ({ result, points: pointsOf(history, result) }))
    .filter(({ points }) => points.length > 1)
    .slice(0, METRICS_SHOWN);
  if (parts.length === 0) return '';
  const charts = parts.map(({ result, points }) => metricChart(result, points));
  const note = 'Each value as it was recorded with its version; test sets may differ.';
  const names = parts.map(({ result }) => result.rule.metric).join(', ');
  return details(`History of ${names} over the last versions`, [...charts, note].join('\n\n'));
}

function pointsOf(history: readonly PastVersion[], { rule, candidate }: MetricResult): Point[] {
  const past = history.flatMap(({ version, metrics }) => {
    const value = metrics[rule.metric];
    return value === undefined ? [] : [{ label: version, value }];
  });
  return [...past, { label: CANDIDATE, value: candidate as number }];
}

function metricChart({ rule }: MetricResult, points: readonly Point[]): string {
  const values = points.map(({ label, value }) => `${label} ${formatNumber(value)}`).join(', ');
  const sentence = `${rule.metric} (${rule.direction} is better): ${values}.`;
  const chart = lineChart({
    title: `${rule.metric} of the last versions`,
    description: sentence,
    axis: `${rule.direction} is better`,
    points,
  });
  return [escapeMarkdown(sentence), chart].filter((text) => text !== '').join('\n\n');
}

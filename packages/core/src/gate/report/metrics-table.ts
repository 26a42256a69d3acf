import type { KnownMetrics } from '../known-metrics.ts';
import type { Measurement } from '../measurement.ts';
import { code, details, escapeMarkdown, table } from '../../report/markdown.ts';

/** Everything that was measured, candidate beside baseline, folded; empty where nothing was. */
export function metricsTable(candidate: KnownMetrics, baseline: KnownMetrics): string {
  if (candidate.size === 0) return '';
  const withBaseline = baseline.size > 0;
  const rows = [...candidate].map(([name, found]) => [
    code(name),
    ...(withBaseline ? [cell(baseline.get(name))] : []),
    cell(found),
  ]);
  const heads = ['Metric', ...(withBaseline ? ['>Baseline'] : []), '>Candidate'];
  return details(`All metrics, unrounded (${candidate.size})`, table(heads, rows));
}

function cell(found: Measurement | undefined): string {
  if (found === undefined) return 'not known';
  return found.kind === 'value' ? String(found.value) : `no value: ${escapeMarkdown(found.message)}`;
}

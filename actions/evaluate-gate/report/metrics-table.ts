import type { Measurement } from '@sluice/core/gate/measurement.ts';
import { code, details, escapeMarkdown, table } from '@sluice/core/report/markdown.ts';

/** Everything that was measured of the candidate, folded; empty where nothing was. */
export function metricsTable(metrics: ReadonlyMap<string, Measurement>): string {
  if (metrics.size === 0) return '';
  const rows = [...metrics].map(([name, found]) => [
    code(name),
    found.kind === 'value' ? String(found.value) : `no value: ${escapeMarkdown(found.message)}`,
  ]);
  return details(
    `All metrics of the candidate, unrounded (${metrics.size})`,
    table(['Metric', '>Value'], rows),
  );
}

import type { WrittenMetric } from '@sluice/core/gate/kinds/metric/schema.ts';
import { settleMetric, type MetricRule } from '@sluice/core/gate/kinds/metric/settle.ts';
import { uniqueIds } from '@sluice/core/gate/rule-ids.ts';
import { PLAIN } from '@sluice/core/gate/statistics/choice.ts';

/** Rules about metrics, settled and named as the gate does it. */
export function metricRules(written: readonly WrittenMetric[], layout = PLAIN): MetricRule[] {
  const ids = uniqueIds(written.map(({ name, metric }) => name ?? metric));
  return written.map((rule, i) => settleMetric(rule, ids[i] as string, layout));
}

import type { KnownMetrics } from '@sluice/core/gate/known-metrics.ts';
import { recordedRules } from '@sluice/core/gate/recorded-rules.ts';
import type { GateFindings } from './findings.ts';

/** What a later gate reads when this model is its baseline. */
export function gateRecord(
  { candidate, testSet, settings }: Pick<GateFindings, 'candidate' | 'testSet' | 'settings'>,
  metrics: KnownMetrics,
): object {
  const values = [...metrics].flatMap(([name, m]) => (m.kind === 'value' ? [[name, m.value] as const] : []));
  return {
    'schema-version': 1,
    model: settings.model,
    'model-digest': candidate.modelDigest ?? null,
    'test-set-digest': testSet?.digest ?? null,
    ...(testSet?.md5 === undefined ? {} : { 'test-set-md5': testSet.md5 }),
    predictions: candidate.predictionsFile ?? null,
    metrics: Object.fromEntries(values),
    rules: recordedRules(settings.rules),
  };
}

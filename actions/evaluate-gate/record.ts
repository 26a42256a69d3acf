import type { KnownMetrics } from '@sluice/core/gate/known-metrics.ts';
import type { TrainingRows } from '@sluice/core/gate/training-rows.ts';
import { recordedRules } from '@sluice/core/gate/recorded-rules.ts';
import type { Candidate } from '@sluice/core/measuring/candidate.ts';
import type { GateSettings } from './inputs.ts';
import type { TestSet } from './test-set.ts';

/** What the record is of. */
interface Recorded {
  readonly candidate: Pick<Candidate, 'model' | 'predictionsFile'>;
  readonly testSet: Pick<TestSet, 'digest' | 'md5'> | undefined;
  readonly training?: TrainingRows | undefined;
  readonly settings: Pick<GateSettings, 'model' | 'rules'>;
}

/** What a later gate reads when this model is its baseline. */
export function gateRecord(
  { candidate, testSet, settings, training }: Recorded,
  metrics: KnownMetrics,
): object {
  const values = [...metrics].flatMap(([name, m]) => (m.kind === 'value' ? [[name, m.value] as const] : []));
  return {
    'schema-version': 1,
    model: settings.model,
    'model-digest': candidate.model?.sha256 ?? null,
    'test-set-digest': testSet?.digest ?? null,
    ...(testSet?.md5 === undefined ? {} : { 'test-set-md5': testSet.md5 }),
    predictions: candidate.predictionsFile ?? null,
    ...(training === undefined ? {} : { 'training-rows': training }),
    metrics: Object.fromEntries(values),
    rules: recordedRules(settings.rules),
  };
}

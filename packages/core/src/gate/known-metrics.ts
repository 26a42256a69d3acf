import { ofKind, type AnyResult } from './kinds/index.ts';
import type { MeasuredBaseline, MeasuredCandidate } from './measured-models.ts';
import type { Measurement } from './measurement.ts';

/** Metrics by name. */
export type KnownMetrics = ReadonlyMap<string, Measurement>;

/** What was logged, and over it what was computed for rules on all rows. */
export function knownMetrics(
  { logged, modelBytes }: Pick<MeasuredCandidate, 'logged' | 'modelBytes'>,
  results: readonly AnyResult[],
): KnownMetrics {
  const size = modelBytes === undefined ? [] : ([['model-bytes', value(modelBytes)]] as const);
  return new Map<string, Measurement>([...logged, ...size, ...computed(results, 'candidate')]);
}

/** The same of the baseline, as far as it may be compared. */
export function knownBaselineMetrics(
  baseline: MeasuredBaseline,
  results: readonly AnyResult[],
): KnownMetrics {
  const logged = baseline.kind === 'present' && baseline.logged.kind === 'same' ? baseline.logged.value : [];
  return new Map<string, Measurement>([...logged, ...computed(results, 'baseline')]);
}

function computed(
  results: readonly AnyResult[],
  model: 'candidate' | 'baseline',
): (readonly [string, Measurement])[] {
  return ofKind('metric', results).flatMap((result) => {
    const found = result[model];
    return result.slice !== undefined || found === undefined ? [] : [[result.rule.metric, value(found)]];
  });
}

function value(number: number): Measurement {
  return { kind: 'value', value: number };
}

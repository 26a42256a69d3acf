import type { MeasuredBaseline, MeasuredCandidate } from '../../measured-models.ts';
import type { Measurement } from '../../measurement.ts';
import type { LoggedMetrics } from '../../metrics-file.ts';
import { computedMetric, computeMetric, isComputedFrom } from '../../metrics/catalogue.ts';
import { takeRows, type Sample } from '../../sample.ts';
import type { Slice } from '../../slices.ts';
import type { BaselineValue } from './limits.ts';

/** The size of the model's files: a metric that is neither computed from rows nor logged. */
const MODEL_BYTES = 'model-bytes';

/** Whether the metric is computed from the candidate's rows. */
export function isComputed(metric: string, candidate: MeasuredCandidate): boolean {
  return candidate.sample !== undefined && isComputedFrom(metric, candidate.sample);
}

function isOfModel(metric: string, { modelBytes }: MeasuredCandidate): boolean {
  return metric === MODEL_BYTES && modelBytes !== undefined;
}

/** The candidate's value of a metric, on all rows or a slice. */
export function candidateValue(
  metric: string,
  candidate: MeasuredCandidate,
  slice: Slice | undefined,
): Measurement {
  const { sample, logged, modelBytes } = candidate;
  if (isOfModel(metric, candidate)) return { kind: 'value', value: modelBytes as number };
  const computed =
    sample !== undefined && isComputed(metric, candidate)
      ? computeMetric(metric, part(sample, slice))
      : undefined;
  return computed ?? logged.get(metric) ?? missing(metric, logged);
}

/** The baseline's value of a metric, on all rows or a slice, as far as it may be compared. */
export function baselineValue(
  metric: string,
  candidate: MeasuredCandidate,
  baseline: MeasuredBaseline,
  slice: Slice | undefined,
): BaselineValue {
  if (baseline.kind === 'none') return baseline;
  const { sample, logged, modelBytes } = baseline;
  // No test set changes it, so that it may be compared whatever the models were measured on.
  if (isOfModel(metric, candidate) && modelBytes !== undefined) return { kind: 'value', value: modelBytes };
  if (isComputed(metric, candidate) && sample.kind !== 'absent') {
    if (sample.kind === 'different') return { kind: 'incomparable', message: sample.message };
    if (sample.kind === 'set-aside') return { kind: 'none' };
    return computeMetric(metric, part(sample.value, slice)) ?? missingBefore(metric);
  }
  if (logged.kind === 'set-aside') return { kind: 'none' };
  if (slice !== undefined) {
    return {
      kind: 'problem',
      reason: 'missing-metric',
      message:
        'it has no stored predictions, so its slices are not known. Set gate.evaluate, so that it is scored again.',
    };
  }
  if (logged.kind === 'different') return { kind: 'incomparable', message: logged.message };
  return (logged.kind === 'same' ? logged.value.get(metric) : undefined) ?? missingBefore(metric);
}

function part(sample: Sample, slice: Slice | undefined): Sample {
  return slice === undefined ? sample : takeRows(sample, slice.rows);
}

function missing(metric: string, logged: LoggedMetrics): Measurement {
  const names = [...logged.keys()];
  const known =
    names.length === 0
      ? 'no metric at all'
      : `${names.slice(0, 12).join(', ')}${names.length > 12 ? ' …' : ''}`;
  return {
    kind: 'problem',
    reason: 'missing-metric',
    message: `The candidate has no metric '${metric}' (it has ${known}). Correct the name in the rule, or log the metric${elsewhere(metric)}.`,
  };
}

/** Where else than from a metrics file the metric could come. */
function elsewhere(metric: string): string {
  const computed = computedMetric(metric);
  if (computed === undefined) return '';
  const column = { queries: 'columns.query', latency: 'columns.latency', '': '' }[computed.needs ?? ''];
  const named = column === '' ? '' : ` and name its column under ${column}`;
  return `, or give predictions from which it is computed${named}`;
}

function missingBefore(metric: string): Measurement {
  return {
    kind: 'problem',
    reason: 'missing-metric',
    message: `it has no metric '${metric}'. For a metric that is new, use min or max until a version with it is registered.`,
  };
}

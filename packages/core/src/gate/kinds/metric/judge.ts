import { DEFAULT_CERTAINTY, type Certainty } from '../../certainty.ts';
import type { MeasuredBaseline, MeasuredCandidate } from '../../measured-models.ts';
import { tryLimits, type BaselineValue, type Check, type RegressionFinding } from './limits.ts';
import type { Measurement } from '../../measurement.ts';
import type { LoggedMetrics } from '../../metrics-file.ts';
import { computedMetric, computeMetric, isComputedFrom } from '../../metrics/catalogue.ts';
import { judgeRegressions, type Comparison } from './regression.ts';
import type { MetricRule, SliceRequest } from './settle.ts';
import { takeRows, type Sample } from '../../sample.ts';
import { sliceRows, type Slice } from '../../slices.ts';
import { bestTest } from '../../statistics/choice.ts';
import { comparePair, layoutOf, takePair } from '../../statistics/compare.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { ruleVerdict, type MetricResult } from './verdict.ts';

/** The size of the model's files: a metric that is neither computed from rows nor logged. */
const MODEL_BYTES = 'model-bytes';

/** More slices than this say that the column is not one to slice by. */
const MOST_SLICES = 1_000;

/**
 * Judges every rule, on all rows first and then slice by slice. Where both models were measured on the same rows, a
 * regression is judged by the interval of the change, else by the two numbers. Pure: the same evidence gives the same
 * verdicts.
 */
export function judgeMetrics(
  rules: readonly MetricRule[],
  candidate: MeasuredCandidate,
  baseline: MeasuredBaseline,
  certainty = DEFAULT_CERTAINTY,
): MetricResult[] {
  const estimate = estimator(candidate, baseline, certainty);
  const drafts = rules.flatMap((rule) => [
    measure(rule, candidate, baseline, undefined, estimate),
    ...rule.slices.flatMap((request) => measureSlices(rule, request, candidate, baseline, estimate)),
  ]);
  const compared = drafts.filter((draft) => draft.kind === 'compared');
  const judged = judgeRegressions(compared, certainty);
  const findings = new Map<Draft, (typeof judged)[number]>(compared.map((draft, i) => [draft, judged[i]!]));
  return drafts.map((draft) =>
    draft.kind === 'settled' ? draft.result : conclude(draft, findings.get(draft)),
  );
}

/** A rule on all rows or a slice: measured, and compared row by row where that was possible, or settled already. */
type Draft =
  | { readonly kind: 'settled'; readonly result: MetricResult }
  | Measured
  | (Measured<'compared'> & { readonly estimate: Estimate });

interface Measured<Kind = 'measured'> {
  readonly kind: Kind;
  readonly rule: MetricRule;
  readonly slice: Slice | undefined;
  readonly candidate: Measurement;
  readonly baseline: BaselineValue;
  readonly rows: number | undefined;
}

function measure(
  rule: MetricRule,
  candidate: MeasuredCandidate,
  baseline: MeasuredBaseline,
  slice: Slice | undefined,
  estimate: Estimator,
): Draft {
  const found = candidateValue(rule.metric, candidate, slice);
  const before = baselineValue(rule.metric, candidate, baseline, slice);
  const rows = isComputed(rule.metric, candidate)
    ? (slice?.rows.length ?? candidate.sample?.rows)
    : undefined;
  const measured = { rule, slice, candidate: found, baseline: before, rows };
  const compared = found.kind === 'value' && before.kind === 'value' ? estimate(rule, slice) : undefined;
  return compared === undefined
    ? { kind: 'measured', ...measured }
    : { kind: 'compared', ...measured, estimate: compared };
}

function conclude(
  { rule, slice, candidate, baseline, rows }: Measured<'measured' | 'compared'>,
  regression: { comparison: Comparison; finding: RegressionFinding | undefined } | undefined,
): MetricResult {
  const checks = tryLimits(rule, candidate, baseline, regression?.finding);
  return {
    kind: 'metric',
    id: rule.id,
    rule,
    ...(slice === undefined ? {} : { slice: slice.where }),
    verdict: ruleVerdict(checks, rule),
    ...(candidate.kind === 'value' ? { candidate: candidate.value } : {}),
    ...(baseline.kind === 'value' ? { baseline: baseline.value } : {}),
    ...(rows === undefined ? {} : { rows }),
    ...(regression === undefined ? {} : { comparison: regression.comparison }),
    checks,
  };
}

/** Compares the two models row by row; undefined where a rule does not want that or there are no common rows. */
type Estimator = (rule: MetricRule, slice: Slice | undefined) => Estimate | undefined;

/** Rules on the same metric and slice share one comparison. */
function estimator(
  { sample, clusters }: MeasuredCandidate,
  baseline: MeasuredBaseline,
  certainty: Certainty,
): Estimator {
  if (sample === undefined || baseline.kind === 'none' || baseline.sample.kind !== 'same')
    return () => undefined;
  const pair = {
    candidate: sample,
    baseline: baseline.sample.value,
    ...(clusters === undefined ? {} : { clusters }),
  };
  const known = new Map<string, Estimate>();
  return (rule, slice) => {
    if (rule.compare === 'point' || !isComputedFrom(rule.metric, sample)) return undefined;
    const test = rule.test ?? bestTest(rule.metric, layoutOf(pair));
    const key = JSON.stringify([rule.metric, test, slice?.where]);
    let estimate = known.get(key);
    if (estimate === undefined) {
      estimate = comparePair(
        rule.metric,
        test,
        slice === undefined ? pair : takePair(pair, slice.rows),
        certainty,
      );
      known.set(key, estimate);
    }
    return estimate;
  };
}

function measureSlices(
  rule: MetricRule,
  request: SliceRequest,
  candidate: MeasuredCandidate,
  baseline: MeasuredBaseline,
  estimate: Estimator,
): Draft[] {
  const slices = findSlices(rule, request, candidate);
  if (typeof slices === 'string') return [{ kind: 'settled', result: unsliceable(rule, request, slices) }];
  return slices.map((slice) =>
    slice.rows.length >= request.minRows
      ? measure(rule, candidate, baseline, slice, estimate)
      : { kind: 'settled', result: tooSmall(rule, slice) },
  );
}

function tooSmall(rule: MetricRule, { where, rows }: Slice): MetricResult {
  return {
    kind: 'metric',
    id: rule.id,
    rule,
    slice: where,
    verdict: 'not-judged',
    rows: rows.length,
    checks: [],
  };
}

function findSlices(rule: MetricRule, request: SliceRequest, candidate: MeasuredCandidate): Slice[] | string {
  if (!isComputed(rule.metric, candidate)) {
    return `'${rule.metric}' is not computed from predictions, so it has no slices. Use a metric that is, or remove slices.`;
  }
  const columns: [string, readonly (string | null)[]][] = [];
  for (const name of request.by) {
    const cells = candidate.column(name);
    if (cells === undefined)
      return `The predictions have no column '${name}' to slice by. Write it, or correct the name.`;
    columns.push([name, cells]);
  }
  const slices = sliceRows(columns);
  const by = request.by.join(' × ');
  if (slices.length > MOST_SLICES) {
    return `${by} has ${slices.length} slices, more than the ${MOST_SLICES} allowed. Slice by a column with fewer values.`;
  }
  const largest = slices[0]?.rows.length ?? 0;
  return largest < request.minRows
    ? `No slice by ${by} has the ${request.minRows} rows that min-n asks for; the largest has ${largest}. Lower min-n, or evaluate on more rows.`
    : slices;
}

function unsliceable(rule: MetricRule, request: SliceRequest, message: string): MetricResult {
  const slice = Object.fromEntries(request.by.map((name) => [name, '*']));
  const check: Check = { kind: 'slices', found: 'error', reason: 'empty-slice', message };
  return { kind: 'metric', id: rule.id, rule, slice, verdict: 'error', checks: [check] };
}

function isComputed(metric: string, candidate: MeasuredCandidate): boolean {
  return candidate.sample !== undefined && isComputedFrom(metric, candidate.sample);
}

function isOfModel(metric: string, { modelBytes }: MeasuredCandidate): boolean {
  return metric === MODEL_BYTES && modelBytes !== undefined;
}

function candidateValue(metric: string, candidate: MeasuredCandidate, slice: Slice | undefined): Measurement {
  const { sample, logged, modelBytes } = candidate;
  if (isOfModel(metric, candidate)) return { kind: 'value', value: modelBytes as number };
  const computed =
    sample !== undefined && isComputed(metric, candidate)
      ? computeMetric(metric, part(sample, slice))
      : undefined;
  return computed ?? logged.get(metric) ?? missing(metric, logged);
}

function baselineValue(
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
    return computeMetric(metric, part(sample.value, slice)) ?? missingBefore(metric);
  }
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

import { tryLimits, type BaselineValue, type Check } from './limits.ts';
import type { Measurement } from './measurement.ts';
import type { LoggedMetrics } from './metrics-file.ts';
import { COMPUTED_METRICS, computeMetric } from './metrics/catalogue.ts';
import type { Rule, SliceRequest } from './rules.ts';
import { takeRows, type Sample } from './sample.ts';
import { sliceRows, type Slice } from './slices.ts';
import { verdictOf, worst, type RuleResult } from './verdict.ts';

/** What is known about the candidate. */
export interface CandidateEvidence {
  readonly sample?: Sample;
  /** A column of the predictions for slices, or undefined when there is none of that name. */
  readonly column: (name: string) => readonly (string | null)[] | undefined;
  readonly logged: LoggedMetrics;
}

/** Something of the baseline that may be compared, or why not. */
export type Comparable<T> =
  | { readonly kind: 'same'; readonly value: T }
  | { readonly kind: 'different'; readonly message: string }
  | { readonly kind: 'absent' };

/** What is known about the baseline; its sample has the candidate's rows in the candidate's order. */
export type BaselineEvidence =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'present';
      readonly sample: Comparable<Sample>;
      readonly logged: Comparable<LoggedMetrics>;
    };

/** More slices than this say that the column is not one to slice by. */
const MOST_SLICES = 1_000;

/** Judges every rule, on all rows first and then slice by slice. Pure: the same evidence gives the same verdicts. */
export function judgeRules(
  rules: readonly Rule[],
  candidate: CandidateEvidence,
  baseline: BaselineEvidence,
): RuleResult[] {
  return rules.flatMap((rule) => [
    judge(rule, candidate, baseline, undefined),
    ...rule.slices.flatMap((request) => judgeSlices(rule, request, candidate, baseline)),
  ]);
}

function judge(
  rule: Rule,
  candidate: CandidateEvidence,
  baseline: BaselineEvidence,
  slice: Slice | undefined,
): RuleResult {
  const found = candidateValue(rule.metric, candidate, slice);
  const before = baselineValue(rule.metric, candidate, baseline, slice);
  const checks = tryLimits(rule, found, before);
  const rows = isComputed(rule.metric, candidate)
    ? (slice?.rows.length ?? candidate.sample?.rows)
    : undefined;
  return {
    id: rule.id,
    rule,
    ...(slice === undefined ? {} : { slice: slice.where }),
    verdict: worst(checks.map((check) => verdictOf(check, rule.severity))),
    ...(found.kind === 'value' ? { candidate: found.value } : {}),
    ...(before.kind === 'value' ? { baseline: before.value } : {}),
    ...(rows === undefined ? {} : { rows }),
    checks,
  };
}

function judgeSlices(
  rule: Rule,
  request: SliceRequest,
  candidate: CandidateEvidence,
  baseline: BaselineEvidence,
): RuleResult[] {
  const slices = findSlices(rule, request, candidate);
  if (typeof slices === 'string') return [unsliceable(rule, request, slices)];
  return slices.map((slice) =>
    slice.rows.length >= request.minRows
      ? judge(rule, candidate, baseline, slice)
      : { id: rule.id, rule, slice: slice.where, verdict: 'not-judged', rows: slice.rows.length, checks: [] },
  );
}

function findSlices(rule: Rule, request: SliceRequest, candidate: CandidateEvidence): Slice[] | string {
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

function unsliceable(rule: Rule, request: SliceRequest, message: string): RuleResult {
  const slice = Object.fromEntries(request.by.map((name) => [name, '*']));
  const check: Check = { kind: 'slices', found: 'error', reason: 'empty-slice', message };
  return { id: rule.id, rule, slice, verdict: 'error', checks: [check] };
}

function isComputed(metric: string, candidate: CandidateEvidence): boolean {
  return candidate.sample !== undefined && COMPUTED_METRICS.has(metric);
}

function candidateValue(metric: string, candidate: CandidateEvidence, slice: Slice | undefined): Measurement {
  const { sample, logged } = candidate;
  const computed = sample === undefined ? undefined : computeMetric(metric, part(sample, slice));
  return computed ?? logged.get(metric) ?? missing(metric, logged);
}

function baselineValue(
  metric: string,
  candidate: CandidateEvidence,
  baseline: BaselineEvidence,
  slice: Slice | undefined,
): BaselineValue {
  if (baseline.kind === 'none') return baseline;
  const { sample, logged } = baseline;
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
  const computable = COMPUTED_METRICS.has(metric) ? ', or give predictions from which it is computed' : '';
  return {
    kind: 'problem',
    reason: 'missing-metric',
    message: `The candidate has no metric '${metric}' (it has ${known}). Correct the name in the rule, or log the metric${computable}.`,
  };
}

function missingBefore(metric: string): Measurement {
  return {
    kind: 'problem',
    reason: 'missing-metric',
    message: `it has no metric '${metric}'. For a metric that is new, use min or max until a version with it is registered.`,
  };
}

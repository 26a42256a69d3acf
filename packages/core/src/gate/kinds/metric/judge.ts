import { DEFAULT_CERTAINTY, type Certainty } from '../../certainty.ts';
import type { MeasuredBaseline, MeasuredCandidate } from '../../measured-models.ts';
import type { Measurement } from '../../measurement.ts';
import { isComputedFrom } from '../../metrics/catalogue.ts';
import type { Slice } from '../../slices.ts';
import { bestTest } from '../../statistics/choice.ts';
import { comparePair, layoutOf, takePair } from '../../statistics/compare.ts';
import type { Estimate } from '../../statistics/estimate.ts';
import { findSlices } from './find-slices.ts';
import { tryLimits, type BaselineValue, type Check, type RegressionFinding } from './limits.ts';
import { judgeRegressions, type Comparison } from './regression.ts';
import type { MetricRule, SliceRequest } from './settle.ts';
import { baselineValue, candidateValue, isComputed } from './values.ts';
import { ruleVerdict, type MetricResult } from './verdict.ts';

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

function unsliceable(rule: MetricRule, request: SliceRequest, message: string): MetricResult {
  const slice = Object.fromEntries(request.by.map((name) => [name, '*']));
  const check: Check = { kind: 'slices', found: 'error', reason: 'empty-slice', message };
  return { kind: 'metric', id: rule.id, rule, slice, verdict: 'error', checks: [check] };
}

import { MetricError } from '../../measurement.ts';
import type { MeasuredBaseline } from '../../measured-models.ts';
import { hits } from '../../metrics/classification.ts';
import { classKey, type Sample, type Values } from '../../sample.ts';
import type {
  ClauseFinding,
  ConditionFinding,
  ConditionProblem,
  ConditionResult,
  ConditionRule,
} from './settle.ts';
import { formatClause, variablesOf, type Clause, type Variable } from './language.ts';
import { reachableTolerance, requiredRows } from './sample-size.ts';
import { accepts, conjunction, truthOf, valueOf } from './truth.ts';

/** The shares that conditions are about, on one test set; NaN where a baseline is missing. */
type Estimates = Readonly<Record<Variable, number>>;

type Measured =
  | {
      readonly kind: 'measured';
      readonly rows: number;
      readonly hasBaseline: boolean;
      readonly estimates: Estimates;
    }
  | {
      readonly kind: 'problem';
      readonly rows?: number;
      readonly reason: ConditionProblem;
      readonly message: string;
    };

/**
 * Judges conditions on the rows at hand. Fewer rows than a condition needs are an error, whatever the estimates: its
 * tolerance does not hold then. Whether the test set still may judge is not asked here (`withUse`).
 */
export function judgeConditions(
  rules: readonly ConditionRule[],
  { sample }: { readonly sample?: Sample },
  baseline: MeasuredBaseline,
): ConditionResult[] {
  return rules.map((rule) => {
    const needsBaseline = rule.condition.some(isRelative);
    return judge(rule, measure(sample, needsBaseline ? baseline : { kind: 'none' }));
  });
}

/** What a finding does, given the rule's severity. */
export function verdictOfCondition(
  finding: ConditionFinding,
  { severity }: ConditionRule,
): ConditionResult['verdict'] {
  switch (finding.found) {
    case 'error':
      return 'error';
    case 'first':
      return 'new-baseline';
    case 'rejected':
      return severity === 'info' ? 'pass' : severity;
    case 'accepted':
      return finding.counted || severity === 'info' ? 'pass' : 'warn';
  }
}

/** Whether a clause compares with the baseline. */
function isRelative(clause: Clause): boolean {
  return variablesOf(clause).some((variable) => variable !== 'n');
}

function judge(rule: ConditionRule, measured: Measured): ConditionResult {
  const required = requiredRows(rule.condition, rule);
  const clauses = rule.condition.map((clause, i): ClauseFinding => {
    const known = { clause, required: required[i]! };
    if (measured.kind === 'problem' || (isRelative(clause) && !measured.hasBaseline)) return known;
    const estimate = valueOf(clause, measured.estimates);
    return { ...known, measured: { estimate, truth: truthOf(clause, estimate) } };
  });
  const condition = find(rule, measured, clauses);
  return {
    kind: 'condition',
    id: rule.id,
    rule,
    verdict: verdictOfCondition(condition, rule),
    ...(measured.rows === undefined ? {} : { rows: measured.rows }),
    rowsRequired: Math.max(...required.map(({ rows }) => rows)),
    clauses,
    condition,
  };
}

function find(rule: ConditionRule, measured: Measured, clauses: readonly ClauseFinding[]): ConditionFinding {
  if (measured.kind === 'problem') {
    return { found: 'error', reason: measured.reason, message: measured.message };
  }
  const { rows } = measured;
  const short = clauses.filter(({ required }) => required.rows > rows);
  if (short.length > 0) {
    return { found: 'error', reason: 'too-few-rows', message: tooFew(rule, rows, short) };
  }
  const truths = clauses.flatMap((clause) => (clause.measured === undefined ? [] : [clause.measured.truth]));
  const truth = conjunction(truths);
  if (!accepts(truth, rule.mode)) return { found: 'rejected', truth };
  return truths.length < clauses.length ? { found: 'first' } : { found: 'accepted', truth, counted: true };
}

function tooFew(rule: ConditionRule, rows: number, short: readonly ClauseFinding[]): string {
  const needs = short.map(({ clause, required }) => {
    const reachable = reachableTolerance(clause, rule.condition, rule, rows);
    const instead =
      reachable === undefined ? 'they allow no tolerance at all' : `they allow +/- ${reachable}`;
    return `'${formatClause(clause)}' needs ${grouped(required.rows)} (${instead})`;
  });
  return `there are ${grouped(rows)} rows, and ${needs.join('; ')}. With fewer rows the tolerance is not kept, so nothing was judged. Evaluate on more rows, or ask for a wider tolerance, a lower reliability or fewer steps`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function measure(sample: Sample | undefined, baseline: MeasuredBaseline): Measured {
  if (sample === undefined) {
    return problem('missing-metric', 'there are no predictions to count in. Give some, or set gate.evaluate');
  }
  const { rows } = sample;
  try {
    const n = shareOf(hits(sample));
    if (baseline.kind === 'none' || baseline.sample.kind === 'set-aside') {
      return { kind: 'measured', rows, hasBaseline: false, estimates: { n, o: NaN, d: NaN } };
    }
    const { sample: before } = baseline;
    if (before.kind === 'different') return problem('different-test-set', before.message, rows);
    if (before.kind === 'absent') {
      return problem(
        'missing-metric',
        'the baseline has no stored predictions. Set gate.evaluate, so that it is scored again',
        rows,
      );
    }
    const estimates = { n, o: shareOf(hits(before.value)), d: difference(sample, before.value) };
    return { kind: 'measured', rows, hasBaseline: true, estimates };
  } catch (error) {
    if (!(error instanceof MetricError)) throw error;
    return problem(error.reason, error.message, rows);
  }
}

function problem(reason: ConditionProblem, message: string, rows?: number): Measured {
  return { kind: 'problem', reason, message, ...(rows === undefined ? {} : { rows }) };
}

function shareOf(flags: Float64Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0) / flags.length;
}

/** The share of rows that the two models predict differently; `hits` has seen to it that both predict. */
function difference({ prediction: now }: Sample, { prediction: before }: Sample): number {
  const [own, other] = [now as Values, before as Values];
  let differing = 0;
  for (let row = 0; row < own.length; row++) {
    // Most rows agree, and their classes need not be looked at.
    if (own[row] !== other[row] && keyOf(own, row) !== keyOf(other, row)) differing++;
  }
  return differing / own.length;
}

function keyOf(values: Values, row: number): string {
  return classKey(values[row] as string | number);
}

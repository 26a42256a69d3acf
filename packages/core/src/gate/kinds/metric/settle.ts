import { UserError } from '../../../action/errors.ts';
import { COMPUTED_NAMES, computedMetric, knownDirection, type Direction } from '../../metrics/catalogue.ts';
import { uniqueIds } from '../../rule-ids.ts';
import { PLAIN, suitableTests, type Layout, type TestName } from '../../statistics/choice.ts';

/** What a violation does: red, a warning, or nothing but a line in the report. */
export type Severity = 'fail' | 'warn' | 'info';

/** How far a metric may move: `abs` in the metric's unit, `rel` as a share of |baseline|; at least one is set. */
export interface ChangeLimit {
  readonly abs?: number;
  readonly rel?: number;
  /** With both set, the looser one counts (`max`) or both must hold (`all`). */
  readonly combine: 'max' | 'all';
}

/** Slices of the predictions by the values of one column, or of several crossed. */
export interface SliceRequest {
  readonly by: readonly string[];
  /** Slices with fewer rows are listed, not judged. */
  readonly minRows: number;
}

/** One thing that the candidate must fulfil; at least one of the four limits is set. */
export interface Rule {
  readonly id: string;
  readonly metric: string;
  readonly direction: Direction;
  readonly min?: number;
  readonly max?: number;
  readonly maxRegression?: ChangeLimit;
  readonly maxImprovement?: ChangeLimit;
  readonly severity: Severity;
  readonly slices: readonly SliceRequest[];
  /** `paired`: row by row, with an interval; `point`: the two numbers alone. */
  readonly compare: 'paired' | 'point';
  /** How rows are compared; absent: the best test for the metric. */
  readonly test?: TestName;
  /** What it means that the rows at hand cannot tell. */
  readonly onInconclusive: 'fail' | 'warn' | 'pass';
}

/** A rule as sluice.yaml has it. */
export interface WrittenRule {
  readonly metric: string;
  readonly name?: string | undefined;
  readonly direction?: Direction | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly 'max-regression'?: WrittenLimit | undefined;
  readonly 'max-improvement'?: WrittenLimit | undefined;
  readonly slices?: readonly { by: string | readonly string[]; 'min-n'?: number | undefined }[] | undefined;
  readonly severity?: Severity | undefined;
  readonly compare?: 'paired' | 'point' | undefined;
  readonly test?: TestName | 'auto' | undefined;
  readonly 'on-inconclusive'?: Rule['onInconclusive'] | undefined;
}

type WrittenLimit =
  | number
  | string
  | { abs?: number | undefined; rel?: string | undefined; combine?: 'max' | 'all' | undefined };

/**
 * Settles written rules: direction, limits, and how they compare. `ids` has one identifier per rule. Throws `bad-config` naming the rule for an unknown direction, a rule without a limit, and limits that exclude each
 * other, and a test that does not suit the metric; `no-rules` for an empty list, because a gate that asks for nothing must
 * not be green.
 */
export function settleRules(
  written: readonly WrittenRule[],
  layout = PLAIN,
  ids = uniqueIds(written.map(({ name, metric }) => name ?? metric)),
): Rule[] {
  if (written.length === 0) {
    throw new UserError(
      'no-rules',
      'The gate has no rules, so nothing would be checked. Add at least one under gate.rules, such as {metric: auc, min: 0.7}.',
    );
  }
  return written.map((rule, i) => settleRule(rule, ids[i] as string, layout));
}

function settleRule(rule: WrittenRule, id: string, layout: Layout): Rule {
  const where = `The rule '${id}'`;
  const direction = rule.direction ?? knownDirection(rule.metric);
  if (direction === undefined) {
    throw new UserError(
      'bad-config',
      `${where} is about the metric '${rule.metric}', whose better direction is not known. Add direction: higher or direction: lower.`,
    );
  }
  const { min, max } = rule;
  const maxRegression = settleLimit(rule['max-regression'], `${where}: max-regression`);
  const maxImprovement = settleLimit(rule['max-improvement'], `${where}: max-improvement`);
  if ([min, max, maxRegression, maxImprovement].every((limit) => limit === undefined)) {
    throw new UserError(
      'bad-config',
      `${where} sets no limit. Add min, max, max-regression or max-improvement.`,
    );
  }
  if (min !== undefined && max !== undefined && min > max) {
    throw new UserError('bad-config', `${where} has min ${min} above max ${max}; no value fulfils both.`);
  }
  return {
    id,
    metric: rule.metric,
    direction,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(maxRegression === undefined ? {} : { maxRegression }),
    ...(maxImprovement === undefined ? {} : { maxImprovement }),
    severity: rule.severity ?? 'fail',
    slices: (rule.slices ?? []).map(({ by, 'min-n': minRows }) => ({
      by: typeof by === 'string' ? [by] : by,
      minRows: minRows ?? 1,
    })),
    ...settleComparison(rule, where, layout),
    onInconclusive: rule['on-inconclusive'] ?? 'warn',
  };
}

function settleComparison(rule: WrittenRule, where: string, layout: Layout): Pick<Rule, 'compare' | 'test'> {
  const { metric, compare, test } = rule;
  if (computedMetric(metric) === undefined) {
    if (compare !== 'paired' && test === undefined) return { compare: 'point' };
    throw new UserError(
      'bad-config',
      `${where} asks for ${test === undefined ? 'compare: paired' : `test: ${test}`}, but '${metric}' is not computed from predictions, so there are no rows to compare. Remove it, or use one of ${COMPUTED_NAMES.join(', ')}.`,
    );
  }
  if (test === undefined || test === 'auto') return { compare: compare ?? 'paired' };
  if (compare === 'point') {
    throw new UserError(
      'bad-config',
      `${where} has test: ${test} and compare: point, which compares without a test. Remove one of them.`,
    );
  }
  const suitable = suitableTests(metric, layout);
  if (suitable.includes(test)) return { compare: 'paired', test };
  throw new UserError(
    'bad-config',
    `${where} has test: ${test}, which does not suit '${metric}'${withColumns(layout)}. Allowed: auto, ${suitable.join(', ')}.`,
  );
}

function withColumns({ clustered, repeated }: Layout): string {
  const columns = [...(clustered ? ['columns.cluster'] : []), ...(repeated ? ['columns.repeat'] : [])];
  return columns.length === 0 ? '' : ` with ${columns.join(' and ')}`;
}

function settleLimit(limit: WrittenLimit | undefined, where: string): ChangeLimit | undefined {
  if (limit === undefined) return undefined;
  if (typeof limit === 'number') return { abs: limit, combine: 'max' };
  if (typeof limit === 'string') return { rel: share(limit), combine: 'max' };
  if (limit.abs === undefined && limit.rel === undefined) {
    throw new UserError('bad-config', `${where} is empty. Write abs (a number), rel (such as 2%), or both.`);
  }
  return {
    ...(limit.abs === undefined ? {} : { abs: limit.abs }),
    ...(limit.rel === undefined ? {} : { rel: share(limit.rel) }),
    combine: limit.combine ?? 'max',
  };
}

/** The schema admits digits, an optional fraction and a percent sign. */
function share(percent: string): number {
  return Number(percent.slice(0, -1)) / 100;
}

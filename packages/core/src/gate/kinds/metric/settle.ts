import { UserError } from '../../../action/errors.ts';
import { COMPUTED_NAMES, computedMetric, knownDirection, type Direction } from '../../metrics/catalogue.ts';
import { suitableTests, type Layout, type TestName } from '../../statistics/choice.ts';
import type { SettledRule } from '../kind.ts';
import type { WrittenLimit, WrittenMetric } from './schema.ts';

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
export interface MetricRule extends SettledRule<'metric'> {
  readonly metric: string;
  readonly direction: Direction;
  readonly min?: number;
  readonly max?: number;
  readonly maxRegression?: ChangeLimit;
  readonly maxImprovement?: ChangeLimit;
  readonly slices: readonly SliceRequest[];
  /** `paired`: row by row, with an interval; `point`: the two numbers alone. */
  readonly compare: 'paired' | 'point';
  /** How rows are compared; absent: the best test for the metric. */
  readonly test?: TestName;
  /** What it means that the rows at hand cannot tell. */
  readonly onInconclusive: 'fail' | 'warn' | 'pass';
}

/**
 * The rule with its direction, limits, and how it compares. Throws `bad-config` naming the rule for an unknown direction,
 * a rule without a limit, limits that exclude each other, and a test that does not suit the metric.
 */
export function settleMetric(rule: WrittenMetric, id: string, layout: Layout): MetricRule {
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
    kind: 'metric',
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

function settleComparison(
  rule: WrittenMetric,
  where: string,
  layout: Layout,
): Pick<MetricRule, 'compare' | 'test'> {
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

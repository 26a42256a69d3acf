import type { Measurement, MetricProblem } from '../../measurement.ts';
import type { Direction } from '../../metrics/catalogue.ts';
import type { ChangeLimit, MetricRule } from './settle.ts';

/** Why a check could not be made. */
export type CheckProblem = MetricProblem | 'different-test-set' | 'empty-slice' | 'baseline-near-zero';

/** What is known about the baseline's value of one metric. */
export type BaselineValue =
  Measurement | { readonly kind: 'none' } | { readonly kind: 'incomparable'; readonly message: string };

export type CheckKind = 'min' | 'max' | 'max-regression' | 'max-improvement';

/**
 * One limit of a rule, tried. `bound` is the candidate's value at which the finding flips; `allowed` the change that is
 * tolerated. `pre-existing`: the baseline breaks the absolute limit too, and the candidate is no worse. `inconclusive`:
 * the interval of the change reaches over the limit, so that the rows at hand do not tell.
 */
export type Check =
  | {
      readonly kind: CheckKind;
      readonly found: 'holds' | 'broken' | 'pre-existing' | 'inconclusive';
      readonly bound: number;
      readonly allowed?: number;
    }
  | { readonly kind: CheckKind; readonly found: 'no-baseline' }
  | {
      /** `slices`: the rule's slices could not be formed, so none of its limits was tried. */
      readonly kind: CheckKind | 'slices';
      readonly found: 'error';
      readonly reason: CheckProblem;
      readonly message: string;
    };

/** What an interval says about a regression limit, which it replaces the two bare numbers for. */
export type RegressionFinding = 'holds' | 'broken' | 'inconclusive';

/**
 * Tries every limit of a rule on one pair of values. Pure; compares unrounded numbers, limits included. `regression` is
 * what the interval says; without it the two numbers are compared.
 */
export function tryLimits(
  rule: MetricRule,
  candidate: Measurement,
  baseline: BaselineValue,
  regression?: RegressionFinding,
): Check[] {
  const kinds: CheckKind[] = [];
  if (rule.min !== undefined) kinds.push('min');
  if (rule.max !== undefined) kinds.push('max');
  if (rule.maxRegression !== undefined) kinds.push('max-regression');
  if (rule.maxImprovement !== undefined) kinds.push('max-improvement');
  if (candidate.kind === 'problem') {
    const { reason, message } = candidate;
    return kinds.map((kind) => ({ kind, found: 'error', reason, message }));
  }
  return kinds.map((kind) => {
    const check = tryLimit(kind, rule, candidate.value, baseline);
    return kind === 'max-regression' && regression !== undefined && 'bound' in check
      ? { ...check, found: regression }
      : check;
  });
}

function tryLimit(kind: CheckKind, rule: MetricRule, candidate: number, baseline: BaselineValue): Check {
  switch (kind) {
    case 'min':
      return tryAbsolute('min', rule.min as number, candidate, baseline);
    case 'max':
      return tryAbsolute('max', rule.max as number, candidate, baseline);
    case 'max-regression':
      return tryChange(kind, rule.maxRegression as ChangeLimit, rule.direction, candidate, baseline);
    case 'max-improvement':
      return tryChange(
        kind,
        rule.maxImprovement as ChangeLimit,
        opposite(rule.direction),
        candidate,
        baseline,
      );
  }
}

function tryAbsolute(kind: 'min' | 'max', bound: number, candidate: number, baseline: BaselineValue): Check {
  const sign = kind === 'min' ? 1 : -1;
  if (sign * candidate >= sign * bound) return { kind, found: 'holds', bound };
  const before = baseline.kind === 'value' ? baseline.value : NaN;
  const noWorse = sign * before < sign * bound && sign * candidate >= sign * before;
  return { kind, found: noWorse ? 'pre-existing' : 'broken', bound };
}

/** `good` is the direction in which the candidate may go as far as it likes. */
function tryChange(
  kind: 'max-regression' | 'max-improvement',
  limit: ChangeLimit,
  good: Direction,
  candidate: number,
  baseline: BaselineValue,
): Check {
  if (baseline.kind === 'none') return { kind, found: 'no-baseline' };
  if (baseline.kind === 'incomparable') {
    return { kind, found: 'error', reason: 'different-test-set', message: baseline.message };
  }
  if (baseline.kind === 'problem') {
    return { kind, found: 'error', reason: baseline.reason, message: `Baseline: ${baseline.message}` };
  }
  const allowed = allowedChange(limit, baseline.value);
  if (allowed === undefined) {
    return {
      kind,
      found: 'error',
      reason: 'baseline-near-zero',
      message: `The baseline is ${baseline.value}, so a share of it is no limit. Write ${kind} as a number, or give abs as well.`,
    };
  }
  const sign = good === 'higher' ? 1 : -1;
  const worse = sign * (baseline.value - candidate);
  const slack = roundingError(baseline.value, candidate, allowed);
  const bound = baseline.value - sign * allowed;
  return { kind, found: worse <= allowed + slack ? 'holds' : 'broken', bound, allowed };
}

/** Below this a baseline counts as zero, of which no share can be taken. */
const NEAR_ZERO = 1e-12;

/** How much a change limit tolerates; undefined when it is a share of a baseline near zero. */
export function allowedChange({ abs, rel, combine }: ChangeLimit, baseline: number): number | undefined {
  if (abs === undefined && Math.abs(baseline) < NEAR_ZERO) return undefined;
  const relative = rel === undefined ? undefined : rel * Math.abs(baseline);
  if (abs === undefined) return relative;
  if (relative === undefined) return abs;
  return combine === 'max' ? Math.max(abs, relative) : Math.min(abs, relative);
}

/**
 * 0.90 − 0.89 is 0.010000000000000009 in doubles. Each of the three numbers is off by at most half a unit in its last
 * place, so this is how far apart two equal decimal amounts can come out; it is no tolerance of the rule.
 */
export function roundingError(...values: readonly number[]): number {
  return Number.EPSILON * values.reduce((sum, v) => sum + Math.abs(v), 0);
}

function opposite(direction: Direction): Direction {
  return direction === 'higher' ? 'lower' : 'higher';
}

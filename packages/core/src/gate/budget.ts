import type { GateVerdict } from './verdict.ts';

/**
 * How often a test set has judged, and whether the candidate is among those that were counted. `isUsedUp`: a condition
 * with adaptivity first-change accepted a candidate before this one.
 */
export type TestSetUse =
  | {
      readonly kind: 'counted';
      /** The candidate is the first, second, … that this test set judged. */
      readonly position: number;
      /** Candidates that it has judged, this one included. */
      readonly used: number;
      readonly isUsedUp: boolean;
    }
  | {
      readonly kind: 'uncounted';
      /** Whether nobody asked to count, because the run has no effects. */
      readonly dryRun: boolean;
      /** One sentence. */
      readonly why: string;
      /** Candidates that were counted before; absent when the count could not even be read. */
      readonly used?: number;
      readonly isUsedUp: boolean;
    };

/** Why a verdict means less than it says. */
export type BudgetProblem = 'budget-spent' | 'budget-uncounted';

/** The candidate's place among those that the test set has judged, counted or not; undefined when it is not known. */
export function placeOf(use: TestSetUse): number | undefined {
  if (use.kind === 'counted') return use.position;
  return use.used === undefined ? undefined : use.used + 1;
}

/**
 * What is wrong with judging the candidate by this test set, when `evaluations` models may be judged by it. A candidate
 * that came while there was room keeps its place however many come after it.
 */
export function budgetProblem(evaluations: number, use: TestSetUse): BudgetProblem | undefined {
  if ((placeOf(use) ?? 0) > evaluations) return 'budget-spent';
  return use.kind === 'uncounted' && !use.dryRun ? 'budget-uncounted' : undefined;
}

/** A pass becomes a warning; what is worse already keeps its reason. */
export function withBudget(verdict: GateVerdict, problem: BudgetProblem | undefined): GateVerdict {
  return problem === undefined || verdict.decision !== 'pass'
    ? verdict
    : { decision: 'warn', reason: problem };
}

/**
 * The confidence at which one of `evaluations` comparisons errs no more often than a single one at `confidence` does, by
 * Bonferroni's inequality: 1 − (1 − confidence)/evaluations. It holds for models that were chosen without looking at
 * each other's verdicts.
 */
export function sharedConfidence(confidence: number, evaluations: number): number {
  return 1 - (1 - confidence) / evaluations;
}

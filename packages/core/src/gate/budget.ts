import { placeOf, type TestSetUse } from './test-set-use.ts';

/** Why a verdict means less than it says. */
export type BudgetProblem = 'budget-spent' | 'budget-uncounted';

/**
 * What is wrong with judging the candidate by this test set, when `evaluations` models may be judged by it. A candidate
 * that came while there was room keeps its place however many come after it.
 */
export function budgetProblem(evaluations: number, use: TestSetUse): BudgetProblem | undefined {
  if ((placeOf(use) ?? 0) > evaluations) return 'budget-spent';
  return use.kind === 'uncounted' && !use.dryRun ? 'budget-uncounted' : undefined;
}

/**
 * The confidence at which one of `evaluations` comparisons errs no more often than a single one at `confidence` does, by
 * Bonferroni's inequality: 1 − (1 − confidence)/evaluations. It holds for models that were chosen without looking at
 * each other's verdicts.
 */
export function sharedConfidence(confidence: number, evaluations: number): number {
  return 1 - (1 - confidence) / evaluations;
}

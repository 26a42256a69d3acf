import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { budgetProblem, sharedConfidence } from './budget.ts';
import { withBudget } from './gate-verdict.ts';
import type { TestSetUse } from './test-set-use.ts';

const counted = (position: number, used = position): TestSetUse => ({
  kind: 'counted',
  position,
  used,
  isUsedUp: false,
});
const uncounted = (used?: number, dryRun = false): TestSetUse => ({
  kind: 'uncounted',
  dryRun,
  why: 'No.',
  isUsedUp: false,
  ...(used === undefined ? {} : { used }),
});

describe('a budget', () => {
  test.each<[string, TestSetUse, string | undefined]>([
    ['holds for the last model within it', counted(32), undefined],
    ['is spent for the next', counted(33), 'budget-spent'],
    ['still holds for a model that came in time', counted(5, 40), undefined],
    ['is not known to hold where nothing was counted', uncounted(3), 'budget-uncounted'],
    ['is not known to hold where the count cannot be read', uncounted(), 'budget-uncounted'],
    ['is spent whether or not the next is counted', uncounted(32), 'budget-spent'],
    ['is not used by a dry run', uncounted(3, true), undefined],
    ['is spent for a dry run too', uncounted(32, true), 'budget-spent'],
  ])('%s', (_, use, problem) => {
    expect(budgetProblem(32, use)).toBe(problem);
  });

  test('never makes a verdict better, and only a pass worse', () => {
    const decisions = fc.constantFrom('pass', 'warn', 'fail', 'error');
    fc.assert(
      fc.property(decisions, (decision) => {
        const verdict = { decision, reason: 'ok' } as const;
        const after = withBudget(verdict, 'budget-spent');
        expect(after.decision).toBe(decision === 'pass' ? 'warn' : decision);
        expect(withBudget(verdict, undefined)).toBe(verdict);
      }),
    );
  });

  test('shares the error out by Bonferroni', () => {
    expect(sharedConfidence(0.95, 32)).toBeCloseTo(0.9984375, 12);
    expect(sharedConfidence(0.9, 1)).toBeCloseTo(0.9, 12);
  });
});

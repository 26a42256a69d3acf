import { describe, expect, test } from '@jest/globals';
import { budgetEntry, budgetNotes, describeBudget, type Budget } from './budget-words.ts';

const counted = (used: number, evaluations = 5): Budget => ({
  evaluations,
  use: { kind: 'counted', position: used, used, isUsedUp: false },
  confidence: 0.95,
  mostCounted: 1000,
});
const uncounted = (used?: number): Budget => ({
  ...counted(1),
  use: {
    kind: 'uncounted',
    dryRun: false,
    why: 'The remote refused.',
    isUsedUp: false,
    ...(used === undefined ? {} : { used }),
  },
});

describe('a budget in words', () => {
  test.each([
    [counted(3), 'This test set has judged 3 of 5 models.'],
    [counted(1, 1), 'This test set has judged 1 of 1 model.'],
    [counted(6), 'This test set has judged 6 models, and its budget is 5.'],
    [counted(1001), 'This test set has judged more than 1000 models, and its budget is 5.'],
    [uncounted(2), 'This test set has judged 2 of 5 models. This model was not counted: The remote refused.'],
    [
      uncounted(),
      'It is not known how many models this test set has judged. This model was not counted: The remote refused.',
    ],
  ])('%#', (budget, sentence) => {
    expect(describeBudget(budget).sentence).toBe(sentence);
  });

  test('that is spent says which confidence would make up for the number of models', () => {
    expect(describeBudget(counted(10)).advice).toContain('a gate.confidence of 0.995 would make up');
    expect(describeBudget(counted(5)).advice).toBeUndefined();
  });

  test('is no note where it is the verdict, nor where nobody counts', () => {
    const spent = { decision: 'warn', reason: 'budget-spent' } as const;
    const failed = { decision: 'fail', reason: 'regression' } as const;
    expect(budgetNotes(counted(3), failed)).toEqual(['This test set has judged 3 of 5 models.']);
    expect(budgetNotes(counted(6), spent)).toEqual([expect.stringContaining('Collect a fresh test set')]);
    expect(budgetNotes(undefined, failed)).toEqual([]);
  });

  test('in the result', () => {
    expect(budgetEntry(undefined)).toBeNull();
    expect(budgetEntry(counted(3))).toEqual({ evaluations: 5, used: 3, counted: true });
    expect(budgetEntry(uncounted())).toEqual({ evaluations: 5, used: null, counted: false });
  });
});

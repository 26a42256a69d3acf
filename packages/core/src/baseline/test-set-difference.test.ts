import { expect, test } from '@jest/globals';
import { testSetDifference } from './test-set-difference.ts';

const record = (digest: string | null) => ({ metrics: {}, 'test-set-digest': digest, predictions: null });

test.each([
  ['the same test set', record('aa'), 'aa', undefined],
  ['another one', record('aa'), 'bb', 'v1.0.0 was measured on another test set'],
  [
    'one that is not recorded',
    record(null),
    'aa',
    'It is not recorded which test set v1.0.0 was measured on',
  ],
  ['no gate at all', undefined, 'aa', 'It is not recorded which test set v1.0.0 was measured on'],
  ['one, while today’s is not known', record('aa'), undefined, "Today's test set is not known"],
])('a version that was measured on %s', (_what, gate, today, said) => {
  const difference = testSetDifference(gate, today, 'v1.0.0');
  expect(difference === undefined).toBe(said === undefined);
  expect(difference ?? '').toContain(said ?? '');
});

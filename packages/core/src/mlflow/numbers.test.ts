import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isFree, numberOf, versionOf } from './numbers.ts';

describe('numbers of MLflow and versions of the ledger', () => {
  test('are the same thing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), (n) => expect(numberOf(versionOf(String(n)))).toBe(String(n))),
    );
  });

  test.each(['v0.0.0', 'v1.2.0', 'v1.0.1', 'v1.0.0-rc.1', 'v01.0.0', '3'])('%s has no number', (version) => {
    expect(numberOf(version)).toBeUndefined();
  });

  test.each([
    ['1', [], true],
    ['3', ['v1.0.0', 'v2.1.0-rc.1'], true],
    ['2', ['v1.0.0', 'v2.1.0'], false],
    ['2', ['v10.0.0'], false],
    ['11', ['v9.0.0', 'v10.0.0'], true],
  ])('%s beside %j: free is %p', (number, taken, free) => {
    expect(isFree(number, new Set(taken))).toBe(free);
  });
});

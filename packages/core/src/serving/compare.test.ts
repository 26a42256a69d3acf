import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { firstMismatch } from './compare.ts';

describe('comparing an answer with what is expected', () => {
  test.each([
    ['equal scalars', 'late', 'late', undefined],
    ['another scalar', 'late', 'early', '$'],
    ['a number within the tolerance', { p: 0.5 }, { p: 0.55 }, undefined],
    ['a number outside the tolerance', { p: 0.5 }, { p: 0.7 }, '$.p'],
    ['a number where text is expected', { p: '1' }, { p: 1 }, '$.p'],
    ['null for a number', { p: 0.5 }, { p: null }, '$.p'],
    ['more keys than expected', { p: 1 }, { p: 1, id: 7 }, undefined],
    ['a missing key', { p: 1, q: 2 }, { p: 1 }, '$.q'],
    ['a key of the prototype', { toString: 1 }, {}, '$.toString'],
    ['a shorter list', [1, 2], [1], '$.length'],
    ['a longer list', [1], [1, 2], '$.length'],
    ['a wrong item', { rows: [{ p: 1 }, { p: 2 }] }, { rows: [{ p: 1 }, { p: 3 }] }, '$.rows[1].p'],
    ['a list for an object', { p: 1 }, [1], '$'],
    ['an object for a list', [1], { 0: 1, length: 1 }, '$'],
    ['a key that is no word', { 'a b': 1 }, { 'a b': 2 }, '$["a b"]'],
  ])('%s', (_name, expected, got, place) => {
    expect(firstMismatch(expected, got, 0.1)?.path).toBe(place);
  });

  test('every JSON value agrees with itself', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (value) => firstMismatch(value, JSON.parse(JSON.stringify(value)), 0) === undefined,
      ),
    );
  });

  test('a number agrees exactly within the tolerance', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(
        number,
        number,
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (a, b, tolerance) =>
          (firstMismatch(a, b, tolerance) === undefined) === (a === b || Math.abs(a - b) <= tolerance),
      ),
    );
  });
});

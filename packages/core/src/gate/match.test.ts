import { describe, expect, test } from '@jest/globals';
import { matchRows } from './match.ts';

const numbers = (...values: number[]): Float64Array => Float64Array.from(values);

describe('matchRows', () => {
  const own = { ids: ['a', 'b', 'c'], label: numbers(1, 0, 1) };
  test('pairs by id whatever the order', () => {
    expect(matchRows(own, { ids: ['c', 'a', 'b'], label: ['1.0', '1', '0'] })).toEqual({
      kind: 'same',
      order: Uint32Array.of(1, 2, 0),
    });
  });

  test.each([
    ['has 2 rows', { ids: ['a', 'b'], label: numbers(1, 0) }],
    ["first is 'c'", { ids: ['a', 'b', 'd'], label: numbers(1, 0, 1) }],
    ["label of id 'b'", { ids: ['a', 'b', 'c'], label: numbers(1, 1, 1) }],
    ['only one of the two', { label: numbers(1, 0, 1) }],
    ['not in it', { ids: ['a', 'b', 'b'], label: numbers(1, 0, 0) }],
  ])('%s', (message, other) => {
    expect(matchRows(own, other)).toMatchObject({
      kind: 'different',
      message: expect.stringContaining(message),
    });
  });

  test('without ids the labels must agree row by row', () => {
    expect(matchRows({ label: numbers(1, 0) }, { label: numbers(1, 0) }).kind).toBe('same');
    expect(matchRows({ label: numbers(1, 0) }, { label: numbers(0, 1) }).kind).toBe('different');
  });
});

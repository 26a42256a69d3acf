import { describe, expect, test } from '@jest/globals';
import { matchRows, repeatedId } from './match.ts';

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

test('many ids are matched in any order', () => {
  const rows = 110_000;
  const own = Array.from({ length: rows }, (_, row) => `id-${(row * 7) % rows}`);
  const other = own.toReversed();
  const label = Float64Array.from({ length: rows }, () => 1);
  const match = matchRows({ ids: own, label }, { ids: other, label });
  expect(match.kind === 'same' && match.order.every((row, i) => row === rows - 1 - i)).toBe(true);
  expect(repeatedId(own)).toBeUndefined();
  const twice = own.with(109_999, 'a').with(5, 'a');
  expect(repeatedId(twice)).toBe('a');
  expect(matchRows({ ids: own, label }, { ids: twice, label })).toMatchObject({
    kind: 'different',
    message: expect.stringContaining("2 of 110000 ids of the candidate are not in it, the first is 'id-35'"),
  });
});

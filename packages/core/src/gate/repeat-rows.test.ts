import { describe, expect, test } from '@jest/globals';
import { groupsOf } from './groups.ts';
import { arrangeRepeats, foldColumn, foldRepeats } from './repeat-rows.ts';

const IDS = ['a', 'b', 'b', 'a'];
const REPEATS = ['1', '1', '2', '2'];
const rows = arrangeRepeats(IDS, REPEATS, 'the predictions');
const numbers = (...values: number[]): Float64Array => Float64Array.from(values);

test('every item is one row, whatever the order of its repeats', () => {
  const sample = { rows: 4, label: numbers(0, 1, 1, 0), prediction: numbers(10, 20, 21, 11) };
  expect(rows.ids).toEqual(['a', 'b']);
  expect(foldRepeats(sample, rows, 'the predictions')).toMatchObject({
    rows: 2,
    label: numbers(0, 1),
    prediction: numbers(10, 20),
    repeats: [{ prediction: numbers(11, 21) }],
  });
  expect(foldColumn(['x', null, null, 'x'], rows, 'the predictions')).toEqual(['x', null]);
});

describe('refused', () => {
  test.each<[string, string, RegExp, () => unknown]>([
    [
      'an item twice in a repeat',
      'duplicate-id',
      /'a' occurs twice in repeat '1'/,
      () => arrangeRepeats(['a', 'a'], ['1', '1'], 'p'),
    ],
    [
      'an item that a repeat lacks',
      'unreadable-data',
      /'b' has no row in repeat '2'.*each of the 2 repeats/,
      () => arrangeRepeats(['a', 'b', 'a'], ['1', '1', '2'], 'p'),
    ],
    [
      'another label',
      'unreadable-data',
      /'b' is not the same in all repeats/,
      () => foldRepeats({ rows: 4, label: numbers(0, 1, 0, 0) }, rows, 'p'),
    ],
    [
      'another query',
      'unreadable-data',
      /the query of the id 'b' is not the same/,
      () => foldRepeats({ rows: 4, label: numbers(0, 0, 0, 0), queries: groupsOf('qqqr') }, rows, 'p'),
    ],
    [
      'another slice',
      'unreadable-data',
      /'b' has 'x' and '' in its repeats/,
      () => foldColumn(['y', 'x', null, 'y'], rows, 'p'),
    ],
  ])('%s', (_, reasonCode, message, act) => {
    expect(act).toThrow(expect.objectContaining({ reasonCode, message: expect.stringMatching(message) }));
  });
});

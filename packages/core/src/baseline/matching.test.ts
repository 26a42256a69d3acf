import { expect, test } from '@jest/globals';
import type { PredictionColumns } from '../measuring/prediction-columns.ts';
import { matched } from './matching.ts';

const predictions = (ids: readonly string[], label: readonly string[]): PredictionColumns => ({
  sample: { rows: ids.length, label, prediction: ids.map((id) => `says ${id}`) },
  ids,
  column: () => undefined,
});

test("the baseline's rows come in the candidate's order", () => {
  const found = matched(predictions(['a', 'b'], ['x', 'y']), predictions(['b', 'a'], ['y', 'x']));
  expect(found).toMatchObject({
    kind: 'same',
    value: { label: ['x', 'y'], prediction: ['says a', 'says b'] },
  });
});

test('another label is another test set', () => {
  const found = matched(predictions(['a'], ['x']), predictions(['a'], ['z']));
  expect(found).toMatchObject({ kind: 'different', message: expect.stringContaining("id 'a'") });
});

test('without predictions of both there is nothing to compare', () => {
  expect(matched(predictions(['a'], ['x']), undefined)).toEqual({ kind: 'absent' });
  expect(matched(undefined, predictions(['a'], ['x']))).toEqual({ kind: 'absent' });
});

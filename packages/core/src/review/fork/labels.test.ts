import { describe, expect, test } from '@jest/globals';
import type { PredictionColumns } from '../../measuring/prediction-columns.ts';
import { checkLabels, type KnownLabels } from './labels.ts';

const sample = { rows: 2, label: ['x', 'y'] };
const candidate: PredictionColumns = { sample, ids: ['a', 'b'], column: () => undefined };
const withoutIds: PredictionColumns = { sample, column: () => undefined };
const measured = (own: Extract<KnownLabels['baseline'], { kind: 'present' }>['sample']): KnownLabels => ({
  trusted: undefined,
  baseline: { kind: 'present', sample: own, logged: { kind: 'absent' } },
});
const refusal = { reasonCode: 'different-test-set' };

describe("held against the repository's own test set", () => {
  const known = (ids: string[], label: string[]): KnownLabels => ({
    trusted: { ids, label },
    baseline: { kind: 'none' },
  });

  test('the same rows count, whatever their order', () => {
    const [note] = checkLabels(candidate, known(['b', 'a'], ['y', 'x']));
    expect(note).toContain("ids and labels are those of this repository's test set");
  });

  test.each([
    ['left out', ['a', 'b', 'c'], ['x', 'y', 'x']],
    ['added', ['a'], ['x']],
    ['given another label', ['a', 'b'], ['x', 'x']],
  ])('a row that was %s is refused', (_how, ids, label) => {
    expect(() => checkLabels(candidate, known(ids, label))).toThrow(
      expect.objectContaining({
        ...refusal,
        message: expect.stringContaining("They are not about this repository's test set: "),
      }),
    );
  });
});

describe('held against the baseline', () => {
  test('the same rows count, by id or by their order', () => {
    const known = measured({ kind: 'same', value: sample });
    expect(checkLabels(candidate, known)[0]).toContain("ids and labels are those of the baseline's rows");
    expect(checkLabels(withoutIds, known)[0]).toContain("those of the baseline's rows, in the same order");
  });

  test('other rows are refused', () => {
    const known = measured({ kind: 'different', message: 'Other rows.' });
    expect(() => checkLabels(candidate, known)).toThrow(
      expect.objectContaining({ ...refusal, message: expect.stringContaining('Other rows.') }),
    );
  });
});

test.each<[string, KnownLabels]>([
  ['no baseline', { trusted: undefined, baseline: { kind: 'none' } }],
  ['a baseline without predictions', measured({ kind: 'absent' })],
])('with %s the labels are taken on trust, which is said', (_what, known) => {
  expect(checkLabels(candidate, known)).toEqual([expect.stringContaining('taken on trust too')]);
});

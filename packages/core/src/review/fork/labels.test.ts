import { describe, expect, test } from '@jest/globals';
import type { MeasuredBaseline } from '../../gate/measured-models.ts';
import { checkLabels } from './labels.ts';

const sample = { rows: 2, label: ['x', 'y'] };
const candidate = { ids: ['a', 'b'] };
const measured = (own: Extract<MeasuredBaseline, { kind: 'present' }>['sample']): MeasuredBaseline => ({
  kind: 'present',
  sample: own,
  logged: { kind: 'absent' },
});

test("rows of which ids and labels are the test set's are not asked about again", () => {
  const held = { by: ['id', 'label'], rows: 2, declared: 2, open: [] } as const;
  const baseline = measured({ kind: 'different', message: 'Other rows.' });
  expect(checkLabels(candidate, held, baseline)).toEqual([
    expect.stringContaining("ids and labels are those of this repository's test set"),
  ]);
});

describe.each([
  ['no test set', undefined],
  ['a test set of ids alone', { by: ['id'], rows: 2, declared: 2, open: ['No labels.'] }],
  ['a test set of labels alone', { by: ['label'], rows: 2, declared: 2, open: ['No ids.'] }],
  ['a test set that is no table', { by: [], rows: 2, open: ['No table.'] }],
] as const)('with %s the baseline is asked', (_what, held) => {
  test('the same rows count, by id or by their order', () => {
    const baseline = measured({ kind: 'same', value: sample });
    expect(checkLabels(candidate, held, baseline)[0]).toContain(
      "ids and labels are those of the baseline's rows",
    );
    expect(checkLabels({}, held, baseline)[0]).toContain("those of the baseline's rows, in the same order");
  });

  test('other rows are refused', () => {
    const baseline = measured({ kind: 'different', message: 'Other rows.' });
    expect(() => checkLabels(candidate, held, baseline)).toThrow(
      expect.objectContaining({
        reasonCode: 'different-test-set',
        message: expect.stringContaining('Other rows.'),
      }),
    );
  });

  test.each<[string, MeasuredBaseline]>([
    ['no baseline', { kind: 'none' }],
    ['a baseline without predictions', measured({ kind: 'absent' })],
  ])('with %s the labels are taken on trust, which is said', (_none, baseline) => {
    expect(checkLabels(candidate, held, baseline)).toEqual([expect.stringContaining('taken on trust too')]);
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { leakDoubt, trainedOn } from './training-rows.ts';

const sampleOf = (n: number): string[] =>
  Array.from({ length: n }, (_, i) => i.toString(16).padStart(16, '0'));
const training = { columns: ['x'], rows: 1400, distinct: 1400, sample: sampleOf(512) };

describe('rows that a model was trained on', () => {
  test('are none without a sampled row among those of the test set', () => {
    expect(trainedOn({ rows: 600, sampled: 0 }, training)).toBe(0);
    expect(trainedOn({ rows: 0, sampled: 0 }, training)).toBe(0);
    expect(trainedOn({ rows: 600, sampled: 0 }, { rows: 0, distinct: 0, sample: [] })).toBe(0);
  });

  test('are estimated from the sample, exactly where it holds all rows, and never more than there are', () => {
    expect(trainedOn({ rows: 600, sampled: 154 }, training)).toBe(421);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 }), (rows, known) => {
        const sampled = Math.min(rows, known);
        const all = { rows: 500, distinct: 500, sample: sampleOf(500) };
        expect(trainedOn({ rows, sampled }, all)).toBe(sampled);
        expect(trainedOn({ rows, sampled }, { ...training, sample: sampleOf(1) })).toBeLessThanOrEqual(rows);
      }),
    );
  });

  test('say nothing where the training data repeat their own rows as often', () => {
    const repeated = { rows: 1000, distinct: 700, sample: sampleOf(700) };
    expect(trainedOn({ rows: 100, sampled: 60 }, repeated)).toBe(0);
    expect(trainedOn({ rows: 100, sampled: 61 }, repeated)).toBe(61);
  });
});

test('a doubt names rows, model and consequence, and whether they were counted or estimated', () => {
  const whose = { model: 'v1.0.0', consequence: 'it looks better than it is' };
  expect(leakDoubt({ rows: 600, sampled: 154 }, training, whose)).toEqual({
    reason: 'trained-on-test-rows',
    sentence:
      'About 421 of the 600 rows of the test set are, value for value, rows that v1.0.0 was trained on, so it looks better than it is.',
  });
  const all = { ...training, distinct: 512, rows: 512 };
  expect(leakDoubt({ rows: 600, sampled: 154 }, all, whose)?.sentence).toMatch(/^154 of the 600 rows/);
  expect(leakDoubt({ rows: 600, sampled: 0 }, training, whose)).toBeUndefined();
  expect(leakDoubt(undefined, training, whose)).toBeUndefined();
  expect(leakDoubt({ rows: 600, sampled: 9 }, undefined, whose)).toBeUndefined();
});

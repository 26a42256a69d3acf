import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { takeRows, type Sample } from '../sample.ts';
import { CALIBRATION_BINS, calibrationBin, calibrationBins, ece } from './calibration.ts';

const sample = (label: readonly number[], score: readonly number[]): Sample => ({
  rows: label.length,
  label: Float64Array.from(label),
  score: Float64Array.from(score),
});

const anySample = fc
  .array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 20 })), { minLength: 1, maxLength: 60 })
  .map((rows) =>
    sample(
      rows.map(([label]) => label),
      rows.map(([, score]) => score / 20),
    ),
  );

describe('expected calibration error', () => {
  test.each<[string, number[], number[], number]>([
    ['right about every group', [1, 0, 1, 1, 0, 0], [0.5, 0.5, 1, 1, 0, 0], 0],
    ['a coin that says 0.9', [1, 0, 1, 0], [0.9, 0.9, 0.9, 0.9], 0.4],
    ['certain and always wrong', [0, 1], [1, 0], 1],
    ['two groups, off by 0.1 and 0.3', [1, 0, 0, 0], [0.6, 0.6, 0.3, 0.3], 0.2],
  ])('%s', (_, label, score, expected) => {
    expect(ece(sample(label, score))).toBeCloseTo(expected, 12);
  });

  test('it lies in [0, 1], and the same rows twice have the same', () => {
    fc.assert(
      fc.property(anySample, (given) => {
        const twice = takeRows(
          given,
          Uint32Array.from({ length: 2 * given.rows }, (_, i) => i % given.rows),
        );
        const value = ece(given);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(ece(twice)).toBeCloseTo(value, 12);
      }),
    );
  });

  test('its bins hold every row, from the lowest score up', () => {
    fc.assert(
      fc.property(anySample, (given) => {
        const bins = calibrationBins(given);
        const means = bins.map(({ rows, expected }) => expected / rows);
        const labels = given.label as Float64Array;
        expect(bins.reduce((sum, { rows }) => sum + rows, 0)).toBe(given.rows);
        expect(bins.reduce((sum, { positives }) => sum + positives, 0)).toBe(
          labels.filter((y) => y === 1).length,
        );
        expect([...means].sort((a, b) => a - b)).toEqual(means);
      }),
    );
  });

  test('bins of rows without ties differ by one row at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: CALIBRATION_BINS, max: 1_000 }), (rows) => {
        const sizes = new Array<number>(CALIBRATION_BINS).fill(0);
        for (let row = 0; row < rows; row++) sizes[calibrationBin(row, row + 1, rows)]!++;
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

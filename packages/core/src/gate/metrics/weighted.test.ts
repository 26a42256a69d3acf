import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { takeRows, type Sample } from '../sample.ts';
import { EVERY_METRIC } from '@sluice/testing/metrics.ts';
import { computeMetric } from './catalogue.ts';
import { unitMean } from './unit-means.ts';
import { weightedDifference } from './weighted.ts';

const column = <T>(of: fc.Arbitrary<T>, n: number): fc.Arbitrary<T[]> =>
  fc.array(of, { minLength: n, maxLength: n });

/** Binary labels with predictions and coarse probabilities: every metric is defined for most of them. */
const weightedSample = fc.integer({ min: 3, max: 40 }).chain((rows) =>
  fc.record({
    label: column(fc.constantFrom(1, 2), rows),
    prediction: column(fc.constantFrom(1, 2), rows),
    score: column(fc.integer({ min: 0, max: 20 }), rows),
    other: fc.record({
      prediction: column(fc.constantFrom(1, 2), rows),
      score: column(fc.integer({ min: 0, max: 20 }), rows),
    }),
    weights: column(fc.nat({ max: 4 }), rows),
  }),
);

const difference = (metric: string, candidate: Sample, baseline: Sample): number => {
  const [a, b] = [computeMetric(metric, candidate), computeMetric(metric, baseline)];
  return a?.kind === 'value' && b?.kind === 'value' ? a.value - b.value : NaN;
};

/** Queries are resampled as a whole. */
const ROW_METRICS = EVERY_METRIC.filter((metric) => unitMean(metric)?.unit !== 'query');

describe('the difference of weighted rows', () => {
  test.each(ROW_METRICS)('%s is that of the rows repeated', (metric) => {
    let values = 0;
    fc.assert(
      fc.property(weightedSample, ({ label, prediction, score, other, weights }) => {
        const model = (p: readonly number[], s: readonly number[]): Sample => ({
          rows: label.length,
          label: Float64Array.from(label),
          prediction: Float64Array.from(p),
          score: Float64Array.from(s, (x) => x / 20),
          latency: Float64Array.from(s, (x) => 10 * x),
          positive: '2',
        });
        const candidate = model(prediction, score);
        const baseline = model(other.prediction, other.score);
        fc.pre(!Number.isNaN(difference(metric, candidate, baseline)));
        const repeated = Uint32Array.from(weights.flatMap((w, row) => new Array<number>(w).fill(row)));
        const expected = difference(metric, takeRows(candidate, repeated), takeRows(baseline, repeated));
        fc.pre(!Number.isNaN(expected));
        const found = weightedDifference(metric, candidate, baseline)?.(Uint32Array.from(weights));
        expect(found).toBeCloseTo(expected, 12);
        values++;
      }),
      { numRuns: 60 },
    );
    expect(values).toBeGreaterThan(20);
  });
});

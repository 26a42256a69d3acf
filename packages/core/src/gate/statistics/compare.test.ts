import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { COMPUTED_METRICS, computeMetric } from '../metrics/catalogue.ts';
import { takeRows, type Sample } from '../sample.ts';
import { suitableTests, type TestName } from './choice.ts';
import { comparePair, type Pair } from './compare.ts';
import type { Estimate } from './estimate.ts';

const OPTIONS = { confidence: 0.95, seed: 20240501 };
const column = <T>(of: fc.Arbitrary<T>, n: number): fc.Arbitrary<T[]> =>
  fc.array(of, { minLength: n, maxLength: n });

/** Both classes occur among labels and predictions, so that every metric is defined. */
const pairs = fc.integer({ min: 8, max: 40 }).chain((rows) =>
  fc
    .record({
      label: column(fc.constantFrom(1, 2), rows),
      predictions: fc.tuple(column(fc.constantFrom(1, 2), rows), column(fc.constantFrom(1, 2), rows)),
      scores: fc.tuple(column(fc.nat({ max: 20 }), rows), column(fc.nat({ max: 20 }), rows)),
      clusters: column(fc.constantFrom('a', 'b', 'c', 'd'), rows),
    })
    .map(({ label, predictions, scores, clusters }) => {
      const labels = [1, 2, 1, 2, ...label.slice(4)];
      const model = (i: 0 | 1): Sample => ({
        rows,
        label: Float64Array.from(labels),
        prediction: Float64Array.from([1, 2, 1, 2, ...predictions[i].slice(4)]),
        score: Float64Array.from(scores[i], (s) => s / 20),
        positive: '2',
      });
      return { candidate: model(0), baseline: model(1), clusters: ['a', 'b', 'c', ...clusters.slice(3)] };
    }),
);

/** One metric of each way of resampling; the others differ from these in their formula only. */
const RESAMPLED = new Set(['accuracy', 'f1', 'auc', 'average-precision', 'log-loss', 'rmse', 'r2']);
const plain = ({ candidate, baseline }: Required<Pair>): Pair => ({ candidate, baseline });
const combinations: [string, TestName, boolean][] = [...COMPUTED_METRICS.keys()].flatMap((metric) =>
  [false, true].flatMap((clustered) =>
    suitableTests(metric, clustered)
      .filter((name) => name !== 'bootstrap' || RESAMPLED.has(metric))
      .map((name): [string, TestName, boolean] => [metric, name, clustered]),
  ),
);
const numbers = ({ difference, interval, pValue }: Estimate): number[] => [difference, ...interval, pValue];
const close = (found: readonly number[], expected: readonly number[]): void =>
  found.forEach((x, i) => expect(x).toBeCloseTo(expected[i] as number, 9));

describe.each(combinations)('%s by %s, clustered: %s', (metric, name, clustered) => {
  const given = pairs.map((pair) => (clustered ? pair : plain(pair)));
  const runs = { numRuns: name === 'bootstrap' ? 2 : 25 };
  const compare = (pair: Pair): Estimate => comparePair(metric, name, pair, OPTIONS);

  test('the difference is that of the metric, inside its interval', () => {
    fc.assert(
      fc.property(given, (pair) => {
        const value = (s: Sample): number => {
          const found = computeMetric(metric, s);
          return found?.kind === 'value' ? found.value : NaN;
        };
        const { difference, interval } = compare(pair);
        expect(difference).toBeCloseTo(value(pair.candidate) - value(pair.baseline), 9);
        expect(interval[0]).toBeLessThanOrEqual(interval[1]);
      }),
      runs,
    );
  });

  test('identical predictions differ by nothing, with p = 1', () => {
    fc.assert(
      fc.property(given, (pair) => {
        const same = compare({ ...pair, candidate: pair.baseline });
        expect({ ...same, below: undefined }).toMatchObject({
          evidence: 'identical',
          difference: 0,
          interval: [0, 0],
          pValue: 1,
        });
      }),
      runs,
    );
  });

  test('the order of rows changes nothing', () => {
    fc.assert(
      fc.property(given, (pair) => {
        const reversed = Uint32Array.from(
          { length: pair.candidate.rows },
          (_, i) => pair.candidate.rows - 1 - i,
        );
        const turned: Pair = {
          candidate: takeRows(pair.candidate, reversed),
          baseline: takeRows(pair.baseline, reversed),
          ...(pair.clusters === undefined ? {} : { clusters: [...pair.clusters].reverse() }),
        };
        close(numbers(compare(turned)), numbers(compare(pair)));
      }),
      runs,
    );
  });
});

describe('swapping the models negates the difference and its interval', () => {
  test.each(combinations.filter(([, name]) => name !== 'bootstrap'))(
    '%s by %s, clustered: %s',
    (metric, name, clustered) => {
      fc.assert(
        fc.property(pairs, (pair) => {
          const given = clustered ? pair : plain(pair);
          const found = comparePair(metric, name, given, OPTIONS);
          const back = comparePair(
            metric,
            name,
            { ...given, candidate: given.baseline, baseline: given.candidate },
            OPTIONS,
          );
          close(numbers(back), [-found.difference, -found.interval[1], -found.interval[0], found.pValue]);
          expect(found.below(0.01) + back.below(-0.01)).toBeGreaterThanOrEqual(1 - 1e-9);
        }),
      );
    },
  );
});

describe('rows of one cluster', () => {
  test.each<[string, TestName]>([
    ['accuracy', 'paired-t'],
    ['brier', 'paired-t'],
    ['f1', 'bootstrap'],
    ['auc', 'bootstrap'],
  ])('%s by %s: repeating every row does not shrink the interval', (metric, name) => {
    fc.assert(
      fc.property(pairs, (pair) => {
        const twice = Uint32Array.from({ length: 2 * pair.candidate.rows }, (_, i) => Math.floor(i / 2));
        const doubled: Pair = {
          candidate: takeRows(pair.candidate, twice),
          baseline: takeRows(pair.baseline, twice),
          clusters: Array.from(twice, (row) => pair.clusters[row] as string),
        };
        const width = ({ interval }: Estimate): number => interval[1] - interval[0];
        const once = comparePair(metric, name, pair, OPTIONS);
        expect(width(comparePair(metric, name, doubled, OPTIONS))).toBeGreaterThanOrEqual(width(once) - 1e-9);
      }),
      { numRuns: name === 'bootstrap' ? 3 : 50 },
    );
  });
});

describe('little evidence', () => {
  const model = (prediction: number[], label: number[]): Sample => ({
    rows: label.length,
    label: Float64Array.from(label),
    prediction: Float64Array.from(prediction),
  });

  test.each<[string, TestName]>([
    ['mae', 'paired-t'],
    ['mae', 'bootstrap'],
  ])('one row has no interval for %s by %s and is never significant', (metric, name) => {
    const pair = { candidate: model([9], [1]), baseline: model([1], [1]) };
    const found = comparePair(metric, name, pair, OPTIONS);
    expect(found).toMatchObject({ evidence: 'degenerate', interval: [8, 8], pValue: 1 });
    expect(found.below(100)).toBe(1);
  });

  test('rows that all differ alike are never significant', () => {
    const pair = { candidate: model([2, 3, 4], [1, 2, 3]), baseline: model([1, 2, 3], [1, 2, 3]) };
    expect(comparePair('mae', 'paired-t', pair, OPTIONS)).toMatchObject({
      evidence: 'degenerate',
      pValue: 1,
    });
  });

  test.each<TestName>(['paired-t', 'bootstrap'])('nor by %s when rounding makes them differ', (name) => {
    const label = Array.from({ length: 30 }, (_, i) => i / 7);
    const shifted = label.map((y) => y + 0.1);
    const pair = { candidate: model(shifted, label), baseline: model(label, label) };
    expect(new Set(shifted.map((p, i) => p - (label[i] as number))).size).toBeGreaterThan(1);
    expect(comparePair('mae', name, pair, OPTIONS)).toMatchObject({ evidence: 'degenerate', pValue: 1 });
  });

  test.each<TestName>(['delong', 'bootstrap'])('two perfect rankings differ by nothing (%s)', (name) => {
    const label = [0, 0, 1, 1];
    const scored = (...score: number[]): Sample => ({
      ...model(label, label),
      score: Float64Array.from(score),
    });
    const pair = { candidate: scored(0.1, 0.2, 0.8, 0.9), baseline: scored(0.3, 0.1, 0.6, 0.7) };
    expect(comparePair('auc', name, pair, OPTIONS)).toMatchObject({
      evidence: 'identical',
      interval: [0, 0],
    });
  });

  test('one row says little about accuracy, and the interval says so', () => {
    const pair = { candidate: model([2], [1]), baseline: model([1], [1]) };
    const { interval } = comparePair('accuracy', 'mcnemar', pair, OPTIONS);
    expect(interval[0]).toBe(-1);
    expect(interval[1]).toBeGreaterThan(0.5);
  });
});

test('the same seed gives the same interval, another seed another', () => {
  const rows = 50;
  const scored = (step: number): Sample => ({
    rows,
    label: Float64Array.from({ length: rows }, (_, i) => i % 2),
    score: Float64Array.from({ length: rows }, (_, i) => (i * step) % 1),
  });
  const pair = { candidate: scored(0.618), baseline: scored(0.414) };
  const of = (seed: number): Estimate => comparePair('brier', 'bootstrap', pair, { ...OPTIONS, seed });
  expect(of(1).interval).toEqual(of(1).interval);
  expect(of(1).interval).not.toEqual(of(2).interval);
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EVERY_METRIC } from '@sluice/testing/metrics.ts';
import { groupsOf, type Groups } from '../groups.ts';
import { computeMetric } from '../metrics/catalogue.ts';
import { unitMean } from '../metrics/unit-means.ts';
import { takeRows, type Sample } from '../sample.ts';
import { PLAIN, suitableTests, type Layout, type TestName } from './choice.ts';
import { comparePair, takePair, type Pair } from './compare.ts';
import type { Estimate } from './estimate.ts';

const OPTIONS = { confidence: 0.95, seed: 20240501 };
const column = <T>(of: fc.Arbitrary<T>, n: number): fc.Arbitrary<T[]> =>
  fc.array(of, { minLength: n, maxLength: n });

/** Both classes occur among labels and predictions, so that every metric is defined. Queries lie within clusters. */
const pairs = fc.integer({ min: 8, max: 40 }).chain((rows) =>
  fc
    .record({
      label: column(fc.constantFrom(1, 2), rows),
      models: fc.tuple(anyModel(rows), anyModel(rows)),
      again: fc.tuple(anyModel(rows), anyModel(rows), anyModel(rows)),
      queries: column(fc.constantFrom('a1', 'a2', 'b1', 'c1', 'd1', 'd2'), rows),
    })
    .map(({ label, models, again, queries }): Given => {
      const labels = Float64Array.from([1, 2, 1, 2, ...label.slice(4)]);
      const query = ['a1', 'b1', 'c1', ...queries.slice(3)];
      const model = ({ prediction, score }: (typeof models)[0]): Sample => ({
        rows,
        label: labels,
        prediction: Float64Array.from([1, 2, 1, 2, ...prediction.slice(4)]),
        score: Float64Array.from(score, (s) => s / 20),
        latency: Float64Array.from(score, (s) => 10 * s),
        queries: groupsOf(query),
        positive: '2',
      });
      return {
        candidate: { ...model(models[0]), repeats: [model(again[0])] },
        baseline: { ...model(models[1]), repeats: [model(again[1]), model(again[2])] },
        clusters: query.map((name) => name.slice(0, 1)),
      };
    }),
);

function anyModel(rows: number): fc.Arbitrary<{ prediction: number[]; score: number[] }> {
  return fc.record({
    prediction: column(fc.constantFrom(1, 2), rows),
    score: column(fc.nat({ max: 20 }), rows),
  });
}

type Given = Required<Pair>;

/** As the layout says; for metrics of queries with labels from 0 on, so that not every row is relevant. */
function laidOut({ candidate, baseline, clusters }: Given, metric: string, layout: Layout): Pair {
  const isOfQueries = unitMean(metric)?.unit === 'query';
  const model = ({ repeats = [], ...own }: Sample): Sample => ({
    ...own,
    ...(isOfQueries ? { label: (own.label as Float64Array).map((y) => y - 1) } : {}),
    ...(layout.repeated ? { repeats: repeats.map(model) } : {}),
  });
  return {
    candidate: model(candidate),
    baseline: model(baseline),
    ...(layout.clustered ? { clusters } : {}),
  };
}

/** One metric of each way of resampling; the others differ from these in their formula only. */
const RESAMPLED = new Set([
  ...['accuracy', 'f1', 'auc', 'average-precision', 'log-loss', 'rmse', 'r2'],
  ...['ndcg', 'latency-p90-ms'],
]);
const titleOf = (metric: string, name: TestName, { clustered, repeated }: Layout): string =>
  `${metric} by ${name}${clustered ? ', clustered' : ''}${repeated ? ', repeated' : ''}`;
const LAYOUTS: Layout[] = [false, true].flatMap((clustered) =>
  [false, true].map((repeated) => ({ clustered, repeated })),
);
const combinations = EVERY_METRIC.flatMap((metric) =>
  LAYOUTS.flatMap((layout) =>
    suitableTests(metric, layout)
      .filter(
        (name) => name !== 'bootstrap' || (RESAMPLED.has(metric) && layout.clustered === layout.repeated),
      )
      .map((name) => ({ metric, name, layout, title: titleOf(metric, name, layout) })),
  ),
);
const numbers = ({ difference, interval, pValue }: Estimate): number[] => [difference, ...interval, pValue];
const close = (found: readonly number[], expected: readonly number[]): void =>
  found.forEach((x, i) => expect(x).toBeCloseTo(expected[i] as number, 9));

describe.each(combinations)('$title', ({ metric, name, layout }) => {
  const given = pairs.map((pair) => laidOut(pair, metric, layout));
  const runs = { numRuns: name === 'bootstrap' ? 1 : 10 };
  const compare = (pair: Pair): Estimate => comparePair(metric, name, pair, OPTIONS);

  test('the difference is that of the metric, inside its interval', () => {
    fc.assert(
      fc.property(given, (pair) => {
        const { difference, interval } = compare(pair);
        expect(difference).toBeCloseTo(value(metric, pair.candidate) - value(metric, pair.baseline), 9);
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

const value = (metric: string, sample: Sample): number => {
  const found = computeMetric(metric, sample);
  return found?.kind === 'value' ? found.value : NaN;
};

describe('swapping the models negates the difference and its interval', () => {
  test.each(combinations)('$title', ({ metric, name, layout }) => {
    fc.assert(
      fc.property(pairs, (pair) => {
        const given = laidOut(pair, metric, layout);
        // Two equally good models have no first one, and draw other rows when they are swapped.
        fc.pre(name !== 'bootstrap' || value(metric, given.candidate) !== value(metric, given.baseline));
        const found = comparePair(metric, name, given, OPTIONS);
        const swapped = { ...given, candidate: given.baseline, baseline: given.candidate };
        const back = comparePair(metric, name, swapped, OPTIONS);
        close(numbers(back), [-found.difference, -found.interval[1], -found.interval[0], found.pValue]);
        expect(found.below(0.01) + back.below(-0.01)).toBeGreaterThanOrEqual(1 - 1e-9);
      }),
      { numRuns: name === 'bootstrap' ? 1 : 10 },
    );
  });
});

/** Bins and percentiles move a little with the number of rows, and a query with each row in it is another ranking. */
const repeatsRows = ({ metric, name, layout }: (typeof combinations)[0]): boolean =>
  layout.clustered &&
  (name === 'bootstrap' ? ['f1', 'auc', 'r2'].includes(metric) : unitMean(metric)?.unit !== 'query');

describe('rows of one cluster', () => {
  const width = ({ interval }: Estimate): number => interval[1] - interval[0];
  const clustered: Layout = { ...PLAIN, clustered: true };

  test.each(combinations.filter(repeatsRows))(
    '$title: repeating every row does not shrink the interval',
    ({ metric, name, layout }) => {
      fc.assert(
        fc.property(pairs, (pair) => {
          const given = laidOut(pair, metric, layout);
          const twice = Uint32Array.from({ length: 2 * given.candidate.rows }, (_, i) => Math.floor(i / 2));
          const doubled = takePair(given, twice);
          const once = comparePair(metric, name, given, OPTIONS);
          expect(width(comparePair(metric, name, doubled, OPTIONS))).toBeGreaterThanOrEqual(
            width(once) - 1e-9,
          );
        }),
        { numRuns: name === 'bootstrap' ? 1 : 10 },
      );
    },
  );

  test.each<TestName>(['paired-t', 'bootstrap'])(
    'repeating every query in its cluster does not, by %s',
    (name) => {
      fc.assert(
        fc.property(pairs, (pair) => {
          const given = laidOut(pair, 'ndcg', clustered);
          const twin = (sample: Sample): Sample => {
            const all = Uint32Array.from({ length: 2 * sample.rows }, (_, i) => i % sample.rows);
            const codes = sample.queries as Groups;
            const of = Array.from(
              all,
              (row, i) => (codes.of[row] as number) + (i < sample.rows ? 0 : codes.count),
            );
            return { ...takeRows(sample, all), queries: groupsOf(of) };
          };
          const doubled: Pair = {
            candidate: twin(given.candidate),
            baseline: twin(given.baseline),
            clusters: [...pair.clusters, ...pair.clusters],
          };
          const once = comparePair('ndcg', name, given, OPTIONS);
          expect(width(comparePair('ndcg', name, doubled, OPTIONS))).toBeGreaterThanOrEqual(
            width(once) - 1e-9,
          );
        }),
        { numRuns: name === 'bootstrap' ? 1 : 10 },
      );
    },
  );

  test('the unit is the query and not the row', () => {
    fc.assert(
      fc.property(pairs, (pair) => {
        const given = laidOut(pair, 'mrr', PLAIN);
        fc.pre(value('mrr', given.candidate) !== value('mrr', given.baseline));
        expect(comparePair('mrr', 'paired-t', given, OPTIONS).rows).toBe(given.candidate.queries?.count);
      }),
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

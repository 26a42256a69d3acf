import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EVERY_METRIC } from '@sluice/testing/metrics.ts';
import { groupsOf } from './groups.ts';
import { computeMetric } from './metrics/catalogue.ts';
import type { Sample } from './sample.ts';
import { comparePair } from './statistics/compare.ts';
import { PLAIN, bestTest } from './statistics/choice.ts';

const OPTIONS = { confidence: 0.95, seed: 1 };
const rows = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.constantFrom(1, 2), fc.nat({ max: 20 })), {
  minLength: 24,
  maxLength: 24,
});

/** One run over the same 24 rows, of both classes. */
const run = (given: readonly (readonly [number, number, number])[]): Sample => ({
  rows: given.length,
  label: Float64Array.from(given, (_, i) => 1 + (i % 2)),
  prediction: Float64Array.from(given, ([, prediction], i) => (i < 4 ? 1 + (i % 2) : prediction)),
  score: Float64Array.from(given, ([, , score]) => score / 20),
  latency: Float64Array.from(given, ([, , score]) => score),
  queries: groupsOf(given.map((_, i) => i % 5)),
  positive: '2',
});
const value = (metric: string, sample: Sample): number => {
  const found = computeMetric(metric, sample);
  return found?.kind === 'value' ? found.value : NaN;
};

describe.each(EVERY_METRIC)('%s', (metric) => {
  test('is the mean of the runs, in any order of them', () => {
    fc.assert(
      fc.property(rows, rows, rows, (a, b, c) => {
        const runs = [run(a), run(b), run(c)] as const;
        const mean = runs.reduce((sum, one) => sum + value(metric, one), 0) / 3;
        expect(value(metric, { ...runs[0], repeats: [runs[1], runs[2]] })).toBeCloseTo(mean, 12);
        expect(value(metric, { ...runs[2], repeats: [runs[0], runs[1]] })).toBeCloseTo(mean, 12);
      }),
      { numRuns: 10 },
    );
  });

  test('the same run again adds no evidence: neither rows nor interval change', () => {
    const suitable = bestTest(metric, { ...PLAIN, repeated: true });
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const [candidate, baseline] = [run(a), run(b)];
        const once = comparePair(metric, suitable, { candidate, baseline }, OPTIONS);
        const thrice = comparePair(
          metric,
          suitable,
          {
            candidate: { ...candidate, repeats: [candidate, candidate] },
            baseline: { ...baseline, repeats: [baseline, baseline] },
          },
          OPTIONS,
        );
        expect(thrice.rows).toBe(once.rows);
        [0, 1].forEach((end) => expect(thrice.interval[end]).toBeCloseTo(once.interval[end] as number, 9));
        expect(thrice.pValue).toBeCloseTo(once.pValue, 9);
      }),
      { numRuns: suitable === 'bootstrap' ? 1 : 10, endOnFailure: true },
    );
  });
});

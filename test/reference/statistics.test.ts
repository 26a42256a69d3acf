import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { groupsOf } from '@sluice/core/gate/groups.ts';
import {
  bcaInterval,
  bootstrap,
  type BootstrapResult,
  type WeightedStatistic,
} from '@sluice/core/gate/statistics/bootstrap.ts';
import { delong } from '@sluice/core/gate/statistics/delong.ts';
import { holm } from '@sluice/core/gate/statistics/holm.ts';
import { mcnemarMidP, tangoInterval } from '@sluice/core/gate/statistics/mcnemar.ts';
import { meanDifference } from '@sluice/core/gate/statistics/mean.ts';
import { normalCdf, normalQuantile } from '@sluice/core/statistics/normal.ts';
import { Random } from '@sluice/core/gate/statistics/random.ts';
import type { Design } from '@sluice/core/gate/statistics/resample.ts';
import { studentQuantile, studentTwoSided } from '@sluice/core/gate/statistics/student.ts';
import { askPython } from './python.ts';

type Case = { readonly kind: string } & Readonly<Record<string, unknown>>;

const draw = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] =>
  fc.sample(arbitrary, { numRuns: count, seed: 20240501 });
const list = <T>(of: fc.Arbitrary<T>, n: number): fc.Arbitrary<T[]> =>
  fc.array(of, { minLength: n, maxLength: n });
/** Like measurements: no two alike, none next to zero, where rounding alone would decide. */
const measured = (low: number): fc.Arbitrary<number> =>
  fc.noBias(fc.integer({ min: 1, max: 1 << 30 })).map((x) => low + (x / (1 << 30)) * 150);
const confidence = fc.constantFrom(0.8, 0.9, 0.95, 0.99);

const Z = [-37, -20, -8, -5, -3.0001, -2.9999, -1.96, -1, -0.3, 0, 1e-9, 0.5, 2, 3, 4, 7];
const P = [1e-300, 1e-20, 1e-9, 1e-4, 0.0013, 0.025, 0.2, 0.5, 0.7, 0.975, 0.999999];
const T = [0.1, 0.9, 1.5, 2.1, 2.9999, 3.0001, 5, 40];
const T_P = [0.0005, 0.025, 0.4, 0.5, 0.6, 0.9, 0.95, 0.975, 0.9995];
const DRAWS = { resamples: 499, seed: 7 };
const SEEDS = [0, 1, 20240501, -7, 2 ** 31];
const DF = [1, 2, 3, 5, 10, 30, 79, 80, 81, 100, 1000, 27_000];

const proportions = draw(
  fc
    .tuple(fc.integer({ min: 1, max: 3000 }), fc.double({ min: 0, max: 1, noNaN: true }), confidence)
    .chain(([rows, share, level]) =>
      fc.integer({ min: 0, max: Math.floor(rows * share) }).chain((better) =>
        fc.record({
          rows: fc.constant(rows),
          better: fc.constant(better),
          worse: fc.integer({ min: 0, max: rows - better }),
          confidence: fc.constant(level),
        }),
      ),
    ),
  300,
);
const tied = fc.oneof(fc.constantFrom(0, 0.25, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));
const areas = draw(
  fc.integer({ min: 4, max: 60 }).chain((n) =>
    fc.record({
      truth: list(fc.constantFrom(0, 1), n).map((t) => [1, 1, 0, 0, ...t.slice(4)]),
      candidate: list(tied, n),
      baseline: list(tied, n),
    }),
  ),
  200,
);
const means = draw(
  fc.integer({ min: 3, max: 60 }).chain((n) =>
    fc.record({
      candidate: list(measured(-100), n),
      baseline: list(measured(-100), n),
      cluster: list(fc.integer({ min: 0, max: 7 }), n).map((c) => [0, 1, 2, ...c.slice(3)]),
      confidence,
    }),
  ),
  200,
);
const families = draw(
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
  100,
);
const resampled = draw(
  fc.integer({ min: 20, max: 50 }).chain((n) =>
    fc.record({
      x: list(measured(0), n),
      y: list(measured(20), n),
      statistic: fc.constantFrom('mean' as const, 'rms' as const),
      confidence,
    }),
  ),
  40,
).map((given) => ({ ...given, result: resample(given, { kind: 'rows', rows: given.x.length }) }));
const resampledClusters = draw(
  fc.integer({ min: 20, max: 50 }).chain((n) =>
    fc.record({
      x: list(measured(0), n),
      y: list(measured(20), n),
      cluster: list(fc.integer({ min: 0, max: 11 }), n).map((c) => [0, 1, 2, 3, ...c.slice(4)]),
      statistic: fc.constantFrom('mean' as const, 'rms' as const),
      confidence,
    }),
  ),
  40,
).map((given) => {
  const rows = given.x.length;
  return { ...given, result: resample(given, { kind: 'clusters', rows, clusters: groupsOf(given.cluster) }) };
});

function resample(
  { x, y, statistic }: { x: readonly number[]; y: readonly number[]; statistic: 'mean' | 'rms' },
  design: Design,
): BootstrapResult {
  const mean = (values: readonly number[], w: Uint32Array): number =>
    values.reduce((sum, v, i) => sum + v * (w[i] as number), 0) / w.reduce((sum, v) => sum + v, 0);
  const square = (values: readonly number[]): number[] => values.map((v) => v * v);
  const of: WeightedStatistic =
    statistic === 'mean'
      ? (w) => mean(x, w) - mean(y, w)
      : (w) => Math.sqrt(mean(square(x), w)) - Math.sqrt(mean(square(y), w));
  return bootstrap(of, design, DRAWS);
}

let answers: unknown[] = [];
const answer = (kind: string): unknown[] => answers.filter((_, i) => cases[i]?.kind === kind);
const cases: Case[] = [
  { kind: 'normal', z: Z, p: P },
  { kind: 'student', t: T, p: T_P, df: DF },
  ...SEEDS.map((seed) => ({ kind: 'random_words', seed, count: 500 })),
  ...proportions.map((given) => ({ kind: 'paired_proportions', ...given })),
  ...areas.map((given) => ({ kind: 'delong', ...given })),
  ...means.map((given) => ({ kind: 'paired_mean', ...given })),
  ...families.map((p) => ({ kind: 'holm', p })),
  ...resampled.map(({ result, ...given }) => ({
    kind: 'bca',
    ...given,
    replicates: Array.from(result.replicates),
  })),
  ...resampledClusters.map(({ result: _, ...given }) => ({ kind: 'clustered_bca', ...DRAWS, ...given })),
];

beforeAll(async () => {
  answers = await askPython('statistics_reference.py', cases);
}, 120_000);

/** The largest distance, relative to the expected values or absolute. */
function furthest(found: readonly number[], expected: readonly number[], relative = true): number {
  expect(found).toHaveLength(expected.length);
  return Math.max(
    ...found.map((x, i) => {
      const y = expected[i] as number;
      if (x === y) return 0;
      const apart = Math.abs(x - y) / (relative ? Math.max(Math.abs(y), 1e-300) : 1);
      return Number.isNaN(apart) ? Infinity : apart;
    }),
  );
}

describe('agrees with scipy, statsmodels and scikit-learn', () => {
  test('the normal distribution, to 1e-12 relative', () => {
    const [expected] = answer('normal') as [{ cdf: number[]; quantile: number[] }];
    expect(furthest(Z.map(normalCdf), expected.cdf)).toBeLessThan(1e-12);
    expect(furthest(P.map(normalQuantile), expected.quantile)).toBeLessThan(1e-12);
  });

  test("Student's t, to 1e-12 relative", () => {
    const [expected] = answer('student') as [{ 'two-sided': number[][]; quantile: number[][] }];
    DF.forEach((df, i) => {
      expect(
        furthest(
          T.map((t) => studentTwoSided(t, df)),
          expected['two-sided'][i] as number[],
        ),
      ).toBeLessThan(1e-12);
      expect(
        furthest(
          T_P.map((p) => studentQuantile(p, df)),
          expected.quantile[i] as number[],
        ),
      ).toBeLessThan(1e-12);
    });
  });

  test("McNemar's mid-p and Tango's interval, to 1e-9", () => {
    const expected = answer('paired_proportions') as { 'mid-p': number; interval: number[] }[];
    proportions.forEach((given, i) => {
      const { 'mid-p': midP, interval } = expected[i] as (typeof expected)[number];
      expect(furthest([mcnemarMidP(given)], [given.better + given.worse === 0 ? 1 : midP])).toBeLessThan(
        1e-9,
      );
      expect({
        given,
        off: furthest(tangoInterval(given, given.confidence), interval, false) < 1e-9,
      }).toEqual({
        given,
        off: true,
      });
    });
  });

  test("DeLong's difference and variance, to 1e-9", () => {
    const expected = answer('delong') as { difference: number; variance: number }[];
    areas.forEach(({ truth, candidate, baseline }, i) => {
      const found = delong(Uint8Array.from(truth), Float64Array.from(candidate), Float64Array.from(baseline));
      const { difference, variance } = expected[i] as (typeof expected)[number];
      expect(
        furthest([found.difference, found.standardError ** 2], [difference, variance], false),
      ).toBeLessThan(1e-9);
    });
  });

  test('the paired t test, plain and clustered, to 1e-9', () => {
    interface Answer {
      readonly p: number;
      readonly interval: number[];
    }
    const expected = answer('paired_mean') as { plain: Answer; clustered: Answer }[];
    means.forEach(({ candidate, baseline, cluster, confidence: level }, i) => {
      const differences = Float64Array.from(candidate, (x, row) => x - (baseline[row] as number));
      const { plain, clustered } = expected[i] as (typeof expected)[number];
      const numbers = [...new Set(cluster)];
      const clusters = { of: Uint32Array.from(cluster, (c) => numbers.indexOf(c)), count: numbers.length };
      for (const [found, wanted] of [
        [meanDifference(differences), plain],
        [meanDifference(differences, clusters), clustered],
      ] as const) {
        const { difference, standardError, degreesOfFreedom: df } = found;
        const reach = studentQuantile((1 + level) / 2, df) * standardError;
        expect(furthest([difference - reach, difference + reach], wanted.interval)).toBeLessThan(1e-9);
        expect(furthest([studentTwoSided(difference / standardError, df)], [wanted.p])).toBeLessThan(1e-9);
      }
    });
  });

  test('the random numbers, and that rows are tallied from the same stream', () => {
    const expected = answer('random_words') as number[][];
    SEEDS.forEach((seed, i) => {
      const words = expected[i] as number[];
      const random = new Random(seed);
      expect(words.map(() => random.next())).toEqual(words);
      const tally = new Uint32Array(7);
      new Random(seed).tally(tally, words.length);
      const counts = tally.map((_, k) => words.filter((w) => Math.floor((w * 7) / 2 ** 32) === k).length);
      expect(tally).toEqual(counts);
    });
  });

  test("Holm's adjustment, to 1e-12", () => {
    const expected = answer('holm') as number[][];
    families.forEach((p, i) => expect(furthest(holm(p), expected[i] as number[], false)).toBeLessThan(1e-12));
  });

  test('the BCa interval of the same resamples, to 1e-9', () => {
    const expected = answer('bca') as number[][];
    resampled.forEach(({ result, confidence: level }, i) => {
      expect(furthest(bcaInterval(result, level), expected[i] as number[])).toBeLessThan(1e-9);
    });
  });

  test('the clustered BCa interval by its definition, from the same seed, to 1e-9', () => {
    interface Answer {
      readonly estimate: number;
      readonly bias: number;
      readonly acceleration: number;
      readonly interval: readonly number[];
    }
    const expected = answer('clustered_bca') as Answer[];
    resampledClusters.forEach(({ result, confidence: level }, i) => {
      const { interval, ...parts } = expected[i] as Answer;
      const found = [result.estimate, result.bias, result.acceleration, ...bcaInterval(result, level)];
      const wanted = [parts.estimate, parts.bias, parts.acceleration, ...interval];
      expect(furthest(found, wanted, false)).toBeLessThan(1e-9);
    });
  });
});

test("Tango's limits are roots of the quartic of Yang, Sun & Hardin (Statistics in Medicine 32, 2013)", () => {
  for (const { rows: n, better, worse, confidence: level } of proportions) {
    const g = normalQuantile((1 + level) / 2) ** 2;
    const [d, sum] = [better - worse, better + worse];
    const coefficients = [
      n ** 2 * (n / g + 1) ** 2,
      -n * d * (n / g + 1) * ((4 * n) / g + 1),
      (2 * n * d ** 2 * ((3 * n) / g + 2)) / g - n ** 2 * (sum / g + 1),
      n * d * ((2 * sum) / g + 1) - (d ** 3 * ((4 * n) / g + 1)) / g,
      (d ** 2 * (d ** 2 / g - sum)) / g,
    ];
    // Where all rows differ alike, an end of the interval is the end of the scale.
    const inside = tangoInterval({ rows: n, better, worse }, level).filter((x) => Math.abs(x) < 1 - 1e-9);
    for (const x of inside) {
      const terms = coefficients.map((c, i) => c * x ** (4 - i));
      const size = terms.reduce((total, t) => total + Math.abs(t), 0);
      expect(Math.abs(terms.reduce((total, t) => total + t, 0))).toBeLessThanOrEqual(1e-9 * size);
    }
  }
});

import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  concentrationFor,
  logAtMost,
  logExactly,
  logNormalMixture,
} from '@sluice/core/rollout/analysis/sequential/mixture.ts';
import { proportionsEvidence } from '@sluice/core/rollout/analysis/sequential/proportions.ts';
import { askPython } from './python.ts';

const draw = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] =>
  fc.sample(arbitrary, { numRuns: count, seed: 20240501 });
const real = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

/** Shares around p, from far below it to far above. */
const counts = (most: number): fc.Arbitrary<{ n: number; hits: number; p: number }> =>
  fc.tuple(fc.integer({ min: 1, max: most }), real(0.001, 0.6), real(0, 3)).map(([n, p, times]) => ({
    n,
    hits: Math.min(n, Math.round(n * p * times)),
    p,
  }));
const concentration = fc.constantFrom(3, 20, 60, 400);
const single = draw(
  fc.tuple(counts(20_000), concentration).map(([given, c]) => ({ ...given, concentration: c })),
  150,
);
const sums = draw(
  fc
    .tuple(real(-20, 40), real(1, 5000), real(1, 500))
    .map(([z, variance, rho]) => ({ sum: z * Math.sqrt(variance), variance, rho })),
  150,
);
const TUNINGS = [50, 500, 20_000].flatMap((n) => [0.05, 0.0125, 0.001].map((alpha) => ({ n, alpha })));
const TUNING = { samples: 500, alpha: 0.0125 };
const pairs = draw(
  fc
    .tuple(
      fc.integer({ min: 5, max: 3000 }),
      fc.integer({ min: 20, max: 40_000 }),
      real(0.002, 0.4),
      real(1.2, 4),
      fc.boolean(),
    )
    .map(([n, others, share, times, relative]) => ({
      candidate: [n, Math.min(n, Math.round(n * share * times + 2))] as const,
      stable: [others, Math.round(others * share)] as const,
      change: relative ? 0.1 : share * 0.1,
      relative,
      concentration: concentrationFor(TUNING.samples, TUNING.alpha),
    })),
  25,
);

let found: number[] = [];
const cases = [
  ...single.map((given) => ({ kind: 'at_most', ...given })),
  ...single.map((given) => ({ kind: 'exactly', ...given })),
  ...sums.map((given) => ({ kind: 'normal_mixture', ...given })),
  ...pairs.map((given) => ({ kind: 'proportions', ...given })),
  ...TUNINGS.map(({ n, alpha }) => ({
    kind: 'tightest',
    n,
    alpha,
    concentration: concentrationFor(n, alpha),
  })),
];
const answers = (kind: string): number[] => found.filter((_, i) => cases[i]?.kind === kind);

beforeAll(async () => {
  found = await askPython('sequential_reference.py', cases);
}, 120_000);

/** The largest distance, in the logarithm or relative to it, whichever is less. */
function furthest(own: readonly number[], expected: readonly number[]): number {
  expect(own).toHaveLength(expected.length);
  return Math.max(
    ...own.map((x, i) => {
      const apart = Math.abs(x - (expected[i] as number)) / Math.max(1, Math.abs(x));
      return Number.isNaN(apart) ? Infinity : apart;
    }),
  );
}

test('mixtures of shares are the integrals that they stand for', () => {
  const own = single.map(({ n, hits, p, concentration: c }) => logAtMost(n, hits, p, c));
  expect(furthest(own, answers('at_most'))).toBeLessThan(1e-7);
  const both = single.map(({ n, hits, p, concentration: c }) => logExactly(n, hits, p, c));
  expect(furthest(both, answers('exactly'))).toBeLessThan(1e-9);
});

test('the mixture of means is the integral that it stands for', () => {
  const own = sums.map(({ sum, variance, rho }) => logNormalMixture(sum, variance, rho));
  expect(furthest(own, answers('normal_mixture'))).toBeLessThan(1e-8);
});

test('the evidence of two shares is the least over all shares of stable', () => {
  const own = pairs.map(({ candidate, stable, change, relative }) =>
    proportionsEvidence(
      { n: candidate[0], hits: candidate[1] },
      { n: stable[0], hits: stable[1] },
      relative,
      TUNING,
    ).above(change),
  );
  expect(furthest(own, answers('proportions'))).toBeLessThan(1e-4);
});

test('a bound is at most 2 % wider than the tightest where it is made for', () => {
  expect(Math.max(...answers('tightest'))).toBeLessThan(1.02);
});

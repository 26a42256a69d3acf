import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { intervalOf, isShownAbove, type Tuning } from './evidence.ts';
import { meanEvidence, type Moments } from './mean.ts';
import { meansEvidence } from './means.ts';
import { proportionEvidence, type Hits } from './proportion.ts';
import { proportionsEvidence } from './proportions.ts';

const TUNING: Tuning = { samples: 500, alpha: 0.01 };
const RUNS = { numRuns: 40 };
const counts = fc
  .tuple(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([n, share]): Hits => ({ n, hits: Math.round(n * share ** 2) }));
const misses = ({ n, hits }: Hits): Hits => ({ n, hits: n - hits });
const moments = fc
  .record({
    n: fc.integer({ min: 50, max: 5000 }),
    mean: fc.double({ min: -3, max: 3, noNaN: true }),
    spread: fc.double({ min: 0.01, max: 5, noNaN: true }),
  })
  .map(({ n, mean, spread }): Moments => ({ n, mean, m2: spread * (n - 1) }));
const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const change = fc.double({ min: -0.5, max: 0.5, noNaN: true });

describe('evidence', () => {
  test('falls as more is allowed', () => {
    fc.assert(
      fc.property(counts, counts, share, share, (own, other, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const of = [proportionEvidence(own, TUNING), proportionsEvidence(own, other, false, TUNING)];
        // Where there is no evidence at all, how little of it there is does not matter.
        for (const one of of) {
          expect(Math.max(0, one.above(more))).toBeLessThanOrEqual(Math.max(0, one.above(less)) + 1e-6);
        }
      }),
      RUNS,
    );
  });

  test('grows with what the candidate does, and falls with what stable does', () => {
    fc.assert(
      fc.property(counts, counts, fc.double({ min: 0, max: 0.3, noNaN: true }), (own, other, x) => {
        const above = (candidate: Hits, stable: Hits): number =>
          Math.max(0, proportionsEvidence(candidate, stable, false, TUNING).above(x));
        const more = ({ n, hits }: Hits): Hits => ({ n, hits: Math.min(n, hits + 1) });
        expect(above(more(own), other)).toBeGreaterThanOrEqual(above(own, other) - 1e-6);
        expect(above(own, more(other))).toBeLessThanOrEqual(above(own, other) + 1e-6);
      }),
      RUNS,
    );
  });

  test('is the same of hits and misses', () => {
    fc.assert(
      fc.property(counts, counts, share, change, (own, other, p, x) => {
        expect(proportionEvidence(own, TUNING).above(p)).toBeCloseTo(
          proportionEvidence(misses(own), TUNING).below(1 - p),
          6,
        );
        const above = proportionsEvidence(own, other, false, TUNING).above(x);
        const below = proportionsEvidence(misses(own), misses(other), false, TUNING).below(-x);
        expect(Math.abs(above - below)).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(above)));
      }),
      RUNS,
    );
  });

  test('is the same of two means, whichever comes first', () => {
    fc.assert(
      fc.property(moments, moments, change, (own, other, x) => {
        expect(meansEvidence(own, other, false, TUNING).above(x)).toBe(
          meansEvidence(other, own, false, TUNING).below(-x),
        );
      }),
      RUNS,
    );
  });

  test('has an interval around its estimate, narrower at a lower confidence', () => {
    fc.assert(
      fc.property(counts, counts, moments, moments, (a, b, c, d) => {
        for (const evidence of [
          proportionEvidence(a, TUNING),
          proportionsEvidence(a, b, false, TUNING),
          meanEvidence(c, TUNING),
          meansEvidence(c, d, false, TUNING),
        ]) {
          const [low, high] = intervalOf(evidence, 0.01).map((end) => end ?? NaN) as [number, number];
          const [from, to] = intervalOf(evidence, 0.1).map((end) => end ?? NaN) as [number, number];
          expect(low).toBeLessThanOrEqual(from);
          expect(from).toBeLessThanOrEqual(evidence.estimate);
          expect(evidence.estimate).toBeLessThanOrEqual(to);
          expect(to).toBeLessThanOrEqual(high);
        }
      }),
      { numRuns: 10 },
    );
  });

  test('of what cannot happen and did is proof', () => {
    expect(isShownAbove(proportionEvidence({ n: 5, hits: 1 }, TUNING), 0, 1e-9)).toBe(true);
    expect(isShownAbove(proportionEvidence({ n: 5000, hits: 0 }, TUNING), 0, 0.5)).toBe(false);
    expect(isShownAbove(proportionEvidence({ n: 5, hits: 5 }, TUNING), 1, 0.5)).toBe(false);
  });

  test('of a few samples whose spread is not known yet there is none', () => {
    const [few, many] = [49, 5000].map((n) => ({ n, mean: 100, m2: n }));
    const none = { n: 5000, mean: 0, m2: 5000 };
    expect(meanEvidence(few as Moments, TUNING).above(0)).toBe(-Infinity);
    expect(intervalOf(meanEvidence(few as Moments, TUNING), 0.05)).toEqual([null, null]);
    expect(meansEvidence(few as Moments, none, false, TUNING).above(0)).toBe(-Infinity);
    expect(meansEvidence(many as Moments, none, false, TUNING).above(0)).toBeGreaterThan(100);
  });

  test('of numbers that are all the same grows with how many there are', () => {
    const same = (n: number): Moments => ({ n, mean: 1, m2: 0 });
    const above = [50, 100, 200].map((n) => meanEvidence(same(n), TUNING).above(0.9));
    expect(above).toEqual([...above].sort((a, b) => a - b));
    expect(above[0]).toBeGreaterThan(-Math.log(TUNING.alpha));
    expect(meanEvidence(same(50), TUNING).above(1)).toBe(-Infinity);
    expect(meansEvidence(same(50), { ...same(50), mean: 0.9 }, false, TUNING).above(0)).toBe(Infinity);
  });

  test('of a relative change of nothing: the same is none, more is endless', () => {
    const [none, some] = [
      { n: 5000, hits: 0 },
      { n: 5000, hits: 50 },
    ];
    expect(proportionsEvidence(none, none, true, TUNING).estimate).toBe(0);
    expect(proportionsEvidence(some, none, true, TUNING).estimate).toBe(Infinity);
    expect(isShownAbove(proportionsEvidence(some, none, true, TUNING), 0.5, 0.01)).toBe(true);
    expect(
      meansEvidence({ n: 50, mean: 1, m2: 1 }, { n: 50, mean: -1, m2: 1 }, true, TUNING).estimate,
    ).toBeNaN();
  });
});

/** The probability that a test of "at most p" ever fails in `most` looks, one after each sample, where p is the truth. */
function everShown(p: number, alpha: number, most: number): number {
  const tuning = { samples: 200, alpha };
  let shown = 0;
  // By number of hits: the probability to have so many now, and to have failed at no look.
  let chances = [1];
  let enough = 0;
  for (let n = 1; n <= most; n++) {
    const next = new Array<number>(chances.length + 1).fill(0);
    chances.forEach((chance, hits) => {
      next[hits] = (next[hits] ?? 0) + chance * (1 - p);
      next[hits + 1] = (next[hits + 1] ?? 0) + chance * p;
    });
    const isShown = (hits: number): boolean =>
      isShownAbove(proportionEvidence({ n, hits }, tuning), p, alpha);
    while (enough <= n && !isShown(enough)) enough++;
    shown += next.slice(enough).reduce((sum, chance) => sum + chance, 0);
    chances = next.slice(0, enough);
  }
  return shown;
}

test.each([
  [0.01, 0.05],
  [0.2, 0.0125],
  [0.98, 0.05],
])(
  'a share of exactly %p fails at the level %p in at most so many cases, looked at 1,500 times',
  (p, alpha) => {
    const share = everShown(p, alpha, 1500);
    expect(share).toBeLessThanOrEqual(alpha);
    // The level is used: a test that never fails would be no test.
    expect(share).toBeGreaterThan(alpha / 5);
  },
);

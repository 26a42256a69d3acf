import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csv, drift, value } from '@sluice/testing/drift.ts';
import { jensenShannonDistance, populationStabilityIndex } from './drift-measures.ts';

describe('the numbers', () => {
  it('are 0 for the same shares, symmetric, and bounded where they have an end', () => {
    const counts = fc.array(fc.nat({ max: 1000 }), { minLength: 2, maxLength: 12 });
    const pair = counts.chain((p) =>
      fc.tuple(fc.constant(p), fc.array(fc.nat({ max: 1000 }), { minLength: p.length, maxLength: p.length })),
    );
    const byKey = (list: number[]): Map<string, number> => new Map(list.map((n, i) => [`k${i}`, n]));
    fc.assert(
      fc.property(pair, ([p, q]) => {
        fc.pre(p.some((n) => n > 0) && q.some((n) => n > 0));
        const psi = populationStabilityIndex(p, q);
        const js = jensenShannonDistance(byKey(p), byKey(q));
        expect(populationStabilityIndex(p, p)).toBe(0);
        expect(jensenShannonDistance(byKey(p), byKey(p))).toBe(0);
        expect(psi).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(psi)).toBe(true);
        expect(populationStabilityIndex(q, p)).toBeCloseTo(psi, 9);
        expect(js).toBeLessThanOrEqual(1 + 1e-12);
        expect(jensenShannonDistance(byKey(q), byKey(p))).toBeCloseTo(js, 9);
      }),
    );
  });
});

describe('drift', () => {
  const numbers = (shift: number): string =>
    csv(
      'x,k',
      Array.from({ length: 1000 }, (_, i) => [i + shift, i % 3]),
    );

  it('is none between data and itself, by data or by profile', async () => {
    for (const raw of [true, false]) {
      const results = await drift(numbers(0), numbers(0), raw);
      expect(results.filter((r) => r.verdict !== 'pass')).toEqual([]);
      expect(value(results, 'psi')).toBe(0);
      expect(results.some((r) => r.method === 'ks-distance')).toBe(raw);
    }
  });

  it('is found in numbers, in new values, in missing values and in types', async () => {
    expect(value(await drift(numbers(0), numbers(500)), 'ks-distance')).toBe(0.5);
    const rows = (cell: (i: number) => string | number): string =>
      csv(
        'x,y',
        Array.from({ length: 300 }, (_, i) => [cell(i), i]),
      );
    const verdicts = async (a: string, b: string): Promise<unknown[]> =>
      (await drift(a, b)).filter((r) => r.verdict === 'warn').map((r) => [r.column, r.method]);
    const letters = rows((i) => (i % 2 === 0 ? 'a' : 'b'));
    expect(
      await verdicts(
        letters,
        rows((i) => (i === 0 ? 'new' : i % 2 === 0 ? 'a' : 'b')),
      ),
    ).toEqual([['x', 'new-values']]);
    expect(
      await verdicts(
        letters,
        rows((i) => (i < 20 ? '' : i % 2 === 0 ? 'a' : 'b')),
      ),
    ).toEqual([['x', 'missing-rate']]);
    expect(
      await verdicts(
        letters,
        rows((i) => i),
      ),
    ).toEqual([['x', 'type']]);
    expect(await verdicts(letters, letters.replace('x,y', 'z,y'))).toEqual([['x', 'columns']]);
  });

  it('is not judged on a handful of values, and says so', async () => {
    const results = await drift(csv('x', [[1], [2]]), csv('x', [[8], [9]]));
    expect(results).toMatchObject([
      { method: 'missing-rate', verdict: 'pass' },
      {
        method: 'none',
        verdict: 'info',
        message: expect.stringMatching(/at least 200 are needed/) as unknown,
      },
    ]);
  });
});

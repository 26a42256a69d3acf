import { expect, test } from '@jest/globals';
import type { ColumnProfile } from '@sluice/core/data/profile.ts';
import { csv, drift, openPair, value } from '@sluice/testing/drift.ts';
import { askPython } from './python.ts';

interface Expected {
  readonly psi: number;
  readonly ks: number;
  readonly js: number;
  readonly std: number;
  readonly mean: number;
  readonly quantiles: number[];
  readonly histogram: number[];
}

/** The same pseudo-random numbers on every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('the numbers of drift are those of NumPy and SciPy', async () => {
  const next = random(7);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const a = Array.from({ length: 3000 }, () => Math.round(normal() * 1000) / 100);
  const b = Array.from({ length: 2500 }, () => Math.round((normal() * 1.3 + 0.2) * 1000) / 100);
  const category = (shift: number): string => 'ABCDEFG'.charAt(Math.floor(next() * (5 + shift)));
  const ca = a.map(() => category(0));
  const cb = b.map(() => category(2));
  const expected = await askPython<Expected>('drift_reference.py', { a, b, ca, cb });
  const tables = [
    csv(
      'x,c',
      a.map((x, i) => [x, ca[i] ?? '']),
    ),
    csv(
      'x,c',
      b.map((x, i) => [x, cb[i] ?? '']),
    ),
  ] as const;
  const results = await drift(...tables);
  expect(value(results, 'psi')).toBeCloseTo(expected.psi, 9);
  expect(value(results, 'ks-distance')).toBeCloseTo(expected.ks, 9);
  expect(value(results, 'js-distance', 'c')).toBeCloseTo(expected.js, 9);
  const { data, profiles } = await openPair(...tables);
  await data.close();
  const x = profiles[0]?.columns[0] as Extract<ColumnProfile, { type: 'number' }>;
  expect(x.std).toBeCloseTo(expected.std, 9);
  expect(x.mean).toBeCloseTo(expected.mean, 9);
  expect([x.quantiles['0.01'], x.quantiles['0.25'], x.quantiles['0.99']]).toEqual(expected.quantiles);
  expect(x.histogram.counts).toEqual(expected.histogram);
});

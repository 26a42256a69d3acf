import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ROOT } from '@sluice/testing/action.ts';
import { dataFolder, fileSet } from '@sluice/testing/data.ts';
import { jensenShannonDistance, populationStabilityIndex } from './drift-measures.ts';
import { measureDrift, type DriftResult, type DriftSide } from './drift.ts';
import { profileTable, type ColumnProfile, type DataProfile } from './profile.ts';
import { openData, type OpenData, type Table } from './table.ts';

/** What NumPy and SciPy say of the same two samples and categories. */
const REFERENCE = `
import json, sys, numpy as np
from scipy.stats import ks_2samp
from scipy.spatial.distance import jensenshannon
d = json.load(sys.stdin)
a, b = np.array(d["a"]), np.array(d["b"])
q = np.quantile(a, np.arange(1, 10) / 10, method="inverted_cdf")
e = np.concatenate([[-np.inf], np.unique(q), [np.inf]])
share = lambda x: np.maximum(np.histogram(-x, -e[::-1])[0][::-1] / len(x), 1e-4)
p, c = share(a), share(b)
keys = sorted(set(d["ca"]) | set(d["cb"]))
pa, pb = ([sum(x == k for x in d[s]) for k in keys] for s in ("ca", "cb"))
print(json.dumps({"psi": float(np.sum((c - p) * np.log(c / p))), "ks": float(ks_2samp(a, b).statistic),
  "js": float(jensenshannon(pa, pb, base=2)), "std": float(np.std(a, ddof=1)), "mean": float(np.mean(a)),
  "quantiles": [float(x) for x in np.quantile(a, [0.01, 0.25, 0.99], method="inverted_cdf")],
  "histogram": [int(n) for n in np.histogram(-a, -np.linspace(a.min(), a.max(), 21)[::-1])[0][::-1]]}))
`;

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

async function open(a: string, b: string): Promise<{ data: OpenData; profiles: DataProfile[] }> {
  const folder = await dataFolder({ 'a.csv': a, 'b.csv': b });
  const sets = await Promise.all(['a', 'b'].map((name) => fileSet(folder, `${name}.csv`)));
  const data = await openData(
    sets.map(({ files }, i) => ({ name: i === 0 ? 'reference' : 'train', files })),
    {},
  );
  const options = { digest: '', types: new Map(), sensitive: new Set<string>() };
  const profiles: DataProfile[] = [];
  for (const table of data.tables) profiles.push(await profileTable(data.database, table, options));
  return { data, profiles };
}

async function drift(a: string, b: string, raw = true): Promise<DriftResult[]> {
  const { data, profiles } = await open(a, b);
  const side = (i: number): Required<DriftSide> => ({
    profile: profiles[i] as DataProfile,
    source: { database: data.database, table: data.tables[i] as Table },
  });
  const results = await measureDrift(raw ? side(0) : { profile: side(0).profile }, side(1));
  await data.close();
  return results;
}

const csv = (header: string, rows: readonly (readonly (string | number)[])[]): string =>
  `${header}\n${rows.map((r) => r.join(',')).join('\n')}\n`;
const value = (results: DriftResult[], method: string, column = 'x'): number | undefined =>
  results.find((r) => r.method === method && r.column === column)?.value;

describe('the numbers', () => {
  it('are those of NumPy and SciPy', async () => {
    const next = random(7);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const a = Array.from({ length: 3000 }, () => Math.round(normal() * 1000) / 100);
    const b = Array.from({ length: 2500 }, () => Math.round((normal() * 1.3 + 0.2) * 1000) / 100);
    const category = (shift: number): string => 'ABCDEFG'.charAt(Math.floor(next() * (5 + shift)));
    const ca = a.map(() => category(0));
    const cb = b.map(() => category(2));
    const expected = JSON.parse(
      execFileSync(path.join(ROOT, '.venv/bin/python'), ['-c', REFERENCE], {
        input: JSON.stringify({ a, b, ca, cb }),
        encoding: 'utf8',
      }),
    ) as Expected;
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
    const { data, profiles } = await open(...tables);
    await data.close();
    const x = profiles[0]?.columns[0] as Extract<ColumnProfile, { type: 'number' }>;
    expect(x.std).toBeCloseTo(expected.std, 9);
    expect(x.mean).toBeCloseTo(expected.mean, 9);
    expect([x.quantiles['0.01'], x.quantiles['0.25'], x.quantiles['0.99']]).toEqual(expected.quantiles);
    expect(x.histogram.counts).toEqual(expected.histogram);
  });

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

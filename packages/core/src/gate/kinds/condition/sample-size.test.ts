import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseCondition } from './parse.ts';
import { reachableTolerance, requiredRows, type Adaptivity, type Assurance } from './sample-size.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const python = path.resolve(here, '../../../../../.venv/bin/python');

function reference(cases: readonly object[]): number[] {
  const child = spawnSync(python, [path.join(here, 'sample_size_reference.py')], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
  });
  if (child.status !== 0) throw new Error(`${python}: ${child.error?.message ?? child.stderr}`);
  return JSON.parse(child.stdout) as number[];
}

const assurance = (reliability: number, adaptivity: Adaptivity, steps = 32): Assurance => ({
  reliability,
  adaptivity,
  steps,
});
const rowsOf = (text: string, sure: Assurance): number[] =>
  requiredRows(parseCondition(text, 'test'), sure).map(({ rows }) => rows);

describe('sample sizes of ease.ml/ci', () => {
  // Figure 2 of the paper, 32 steps; 5,496 is also what the notebook of its authors' library prints.
  test.each<[string, number, number, number]>([
    ['n > 0.8 +/- 0.1', 0.99, 404, 1340],
    ['n > 0.8 +/- 0.05', 0.9999, 2536, 6279],
    ['n > 0.8 +/- 0.01', 0.9999, 63381, 156956],
    ['n - o > 0.1 +/- 0.1', 0.99, 1753, 5496],
    ['n - o > 0.02 +/- 0.01', 0.9999, 267385, 641684],
  ])('%s, reliability %d', (text, reliability, none, full) => {
    expect(rowsOf(text, assurance(reliability, 'none'))).toEqual([none]);
    expect(rowsOf(text, assurance(reliability, 'first-change'))).toEqual([none]);
    expect(rowsOf(text, assurance(reliability, 'full'))).toEqual([full]);
  });

  test('29 and 67 thousand rows for one point where a tenth of the predictions differs (section 4.1)', () => {
    const text = 'd < 0.1 +/- 0.05 /\\ n - o > 0.02 +/- 0.01';
    const thousands = (adaptivity: Adaptivity): number =>
      Math.floor((rowsOf(text, assurance(0.9999, adaptivity))[1] as number) / 1000);
    expect(thousands('none')).toBe(29);
    expect(thousands('full')).toBe(67);
  });

  test('the tighter of two bounds counts, however the pattern is written', () => {
    const bounds = (text: string): string[] =>
      requiredRows(parseCondition(text, 'test'), assurance(0.999, 'full')).map(({ bound }) => bound);
    const tight = ['hoeffding', 'bennett'];
    expect(bounds('d < 0.1 +/- 0.05 /\\ n - o > 0 +/- 0.01')).toEqual(tight);
    expect(bounds('-2 * d > -0.2 +/- 0.05 /\\ 2 * o - 2 * n < 0 +/- 0.01')).toEqual(tight);
    expect(bounds('d < 1 +/- 0.05 /\\ n - o > 0 +/- 0.5')).toEqual(['hoeffding', 'hoeffding']);
    expect(bounds('d > 0.1 +/- 0.05 /\\ n - o > 0 +/- 0.01')).toEqual(['hoeffding', 'hoeffding']);
    expect(bounds('d < 0.1 +/- 0.05 /\\ n - 1.1 * o > 0 +/- 0.01')).toEqual(['hoeffding', 'hoeffding']);
  });
});

const sure = fc.record({
  reliability: fc.double({ min: 0.5, max: 0.99999, noNaN: true }),
  adaptivity: fc.constantFrom<Adaptivity>('none', 'full', 'first-change'),
  steps: fc.integer({ min: 1, max: 200 }),
});
const decimal = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: min * 1000, max: max * 1000 }).map((n) => n / 1000);

/** How many models could have been judged: with every verdict seen, one for each list of verdicts. */
function models({ adaptivity, steps }: Assurance): number {
  return adaptivity === 'full' ? 2 ** steps : steps;
}

test('agree with a numerical derivation from the inequalities', () => {
  const given = fc.sample(
    fc.tuple(fc.array(decimal(0.1, 3), { minLength: 1, maxLength: 3 }), decimal(0.005, 0.3), sure),
    {
      numRuns: 60,
      seed: 20240501,
    },
  );
  const names = ['n', 'o', 'd'];
  const cases = given.map(([factors, tolerance, level]) => ({
    kind: 'hoeffding',
    factors,
    tolerance,
    error: (1 - level.reliability) / models(level),
  }));
  const rows = given.map(([factors, tolerance, level]) => {
    const sum = factors.map((factor, i) => `${factor} * ${names[i]}`).join(' + ');
    return rowsOf(`${sum} > 0.1 +/- ${tolerance}`, level)[0] as number;
  });
  for (const [i, expected] of reference(cases).entries()) {
    expect(Math.abs((rows[i] as number) - expected)).toBeLessThan(1 + expected * 1e-6);
  }

  const pattern = fc.sample(fc.tuple(decimal(0.01, 0.3), decimal(0.005, 0.1), sure), {
    numRuns: 60,
    seed: 7,
  });
  const truth = reference(
    pattern.map(([p, tolerance, level]) => ({
      kind: 'bennett',
      p,
      tolerance,
      error: (1 - level.reliability) / 2 / models(level),
    })),
  );
  for (const [i, [p, tolerance, level]] of pattern.entries()) {
    const [, own] = rowsOf(`d < ${p} +/- 0.001 /\\ n - o > 0.1 +/- ${tolerance}`, level);
    expect(Math.abs((own as number) - (truth[i] as number))).toBeLessThan(1 + (truth[i] as number) * 1e-6);
  }
});

test('keep the error probability exactly computed below what is allowed, at the worst true values', () => {
  const levels = [assurance(0.9, 'none', 1), assurance(0.99, 'none', 8), assurance(0.9, 'full', 6)];
  const cases = levels.flatMap((level) =>
    [0.5, 0.8, 0.9].flatMap((threshold) =>
      [0.03, 0.05].map((tolerance) => ({
        kind: 'exact',
        threshold,
        tolerance,
        rows: rowsOf(`n > ${threshold} +/- ${tolerance}`, level)[0] as number,
        allowed: (1 - level.reliability) / models(level),
      })),
    ),
  );
  const differences = levels.flatMap((level) =>
    [0.05, 0.1].flatMap((p) =>
      [0, 0.02].map((threshold) => ({
        kind: 'difference',
        p,
        threshold,
        tolerance: 0.03,
        rows: rowsOf(`d < ${p} +/- 0.03 /\\ n - o > ${threshold} +/- 0.03`, level)[1] as number,
        allowed: (1 - level.reliability) / 2 / models(level),
      })),
    ),
  );
  const all = [...cases, ...differences];
  for (const [i, probability] of reference(all).entries()) {
    expect(probability).toBeLessThanOrEqual((all[i] as (typeof all)[number]).allowed);
    expect(probability).toBeGreaterThan(0);
  }
});

describe('more is asked of more', () => {
  const rowsAt = (tolerance: number, level: Assurance): number =>
    rowsOf(`d < 0.1 +/- 0.05 /\\ n - o > 0.1 +/- ${tolerance}`, level)[1] as number;

  test('of reliability, steps and a tighter tolerance', () => {
    fc.assert(
      fc.property(decimal(0.01, 0.2), sure, (tolerance, level) => {
        const rows = rowsAt(tolerance, level);
        expect(rowsAt(tolerance / 2, level)).toBeGreaterThan(rows);
        expect(rowsAt(tolerance, { ...level, steps: level.steps + 1 })).toBeGreaterThanOrEqual(rows);
        const surer = { ...level, reliability: (1 + level.reliability) / 2 };
        expect(rowsAt(tolerance, surer)).toBeGreaterThan(rows);
        expect(rowsAt(tolerance, { ...level, adaptivity: 'full' })).toBeGreaterThanOrEqual(rows);
      }),
    );
  });
});

describe('the tolerance that rows allow', () => {
  const texts = fc.constantFrom(
    'n > 0.8 +/- 0.01',
    'n - 2 * o < 0.8 +/- 0.01',
    'd < 0.1 +/- 0.01 /\\ n - o > 0 +/- 0.01',
  );

  test('is enough for them, and hardly wider than it has to be', () => {
    fc.assert(
      fc.property(texts, sure, fc.integer({ min: 1, max: 1_000_000 }), (text, level, rows) => {
        const condition = parseCondition(text, 'test');
        const clause = condition.at(-1)!;
        const needs = (tolerance: number): number => {
          const changed = [...condition.slice(0, -1), { ...clause, tolerance }];
          return requiredRows(changed, level).at(-1)!.rows;
        };
        const reachable = reachableTolerance(clause, condition, level, rows);
        const span = Object.values(clause.factors).reduce((sum, factor) => sum + Math.abs(factor), 0);
        expect(needs(reachable ?? Infinity)).toBeLessThanOrEqual(Math.max(1, rows));
        expect(needs(reachable === undefined ? span : reachable * 0.89)).toBeGreaterThan(rows);
      }),
    );
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCondition } from './parse.ts';
import { reachableTolerance, requiredRows, type Adaptivity, type Assurance } from './sample-size.ts';

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

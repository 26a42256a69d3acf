import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCondition } from '@sluice/core/gate/kinds/condition/parse.ts';
import {
  requiredRows,
  type Adaptivity,
  type Assurance,
} from '@sluice/core/gate/kinds/condition/sample-size.ts';
import { askPython } from './python.ts';

const reference = (cases: readonly object[]): Promise<number[]> =>
  askPython('sample_size_reference.py', cases);

const assurance = (reliability: number, adaptivity: Adaptivity, steps = 32): Assurance => ({
  reliability,
  adaptivity,
  steps,
});
const rowsOf = (text: string, sure: Assurance): number[] =>
  requiredRows(parseCondition(text, 'test'), sure).map(({ rows }) => rows);

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

test('agree with a numerical derivation from the inequalities', async () => {
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
  for (const [i, expected] of (await reference(cases)).entries()) {
    expect(Math.abs((rows[i] as number) - expected)).toBeLessThan(1 + expected * 1e-6);
  }

  const pattern = fc.sample(fc.tuple(decimal(0.01, 0.3), decimal(0.005, 0.1), sure), {
    numRuns: 60,
    seed: 7,
  });
  const truth = await reference(
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

test('keep the error probability exactly computed below what is allowed, at the worst true values', async () => {
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
  for (const [i, probability] of (await reference(all)).entries()) {
    expect(probability).toBeLessThanOrEqual((all[i] as (typeof all)[number]).allowed);
    expect(probability).toBeGreaterThan(0);
  }
});

import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  settleFairness,
  type FairnessResult,
  type Group,
  type WrittenFairnessRule,
} from './fairness-rules.ts';
import { judgeFairness } from './fairness.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const python = path.resolve(here, '../../../../.venv/bin/python');
const CRITERIA = ['demographic-parity', 'equal-opportunity', 'equalised-odds'] as const;

interface Case {
  readonly label: number[];
  readonly prediction: number[];
  readonly group: string[];
}

function judge(given: Case, written: Partial<WrittenFairnessRule> = {}): FairnessResult {
  const rule = { fairness: 'demographic-parity' as const, by: 'sex', 'max-difference': 0.1, ...written };
  const candidate = {
    sample: {
      rows: given.label.length,
      label: Float64Array.from(given.label),
      prediction: Float64Array.from(given.prediction),
    },
    column: (name: string) => (name === 'sex' ? given.group : undefined),
  };
  return judgeFairness([settleFairness(rule, 'fair')], candidate, 0.9)[0] as FairnessResult;
}

const anyCase: fc.Arbitrary<Case> = fc.integer({ min: 4, max: 80 }).chain((n) => {
  const bits = fc.array(fc.constantFrom(0, 1), { minLength: n, maxLength: n });
  const groups = fc.array(fc.constantFrom('f', 'm', 'x'), { minLength: n - 2, maxLength: n - 2 });
  return fc.record({ label: bits, prediction: bits, group: groups.map((g) => ['f', 'm', ...g]) });
});

describe('agrees with numpy and scipy to 1e-9', () => {
  const cases = fc.sample(anyCase, { numRuns: 200, seed: 20240501 });
  interface Truth {
    readonly difference: number;
    readonly ratio: number | null;
    readonly intervals: [number, number][][];
  }
  let truth: Record<string, Truth | null>[] = [];

  beforeAll(() => {
    const child = spawnSync(python, [path.join(here, 'fairness_reference.py')], {
      input: JSON.stringify(cases),
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    if (child.status !== 0) throw new Error(`${python}: ${child.error?.message ?? child.stderr}`);
    truth = JSON.parse(child.stdout) as typeof truth;
  }, 60_000);

  test.each(CRITERIA)('%s', (fairness) => {
    const found = cases.map((given) => judge(given, { fairness }).fairness);
    const measured = found.map((finding) =>
      finding.found === 'error'
        ? finding.reason
        : {
            difference: finding.difference,
            ratio: finding.ratio ?? null,
            intervals: [...finding.groups].sort((a, b) => (a.name < b.name ? -1 : 1)).map(intervalsOf),
          },
    );
    expect(measured).toEqual(truth.map((values) => expected(values[fairness] ?? null)));
    expect(found.filter((finding) => finding.found === 'measured').length).toBeGreaterThan(100);
  });

  const intervalsOf = (group: Group): (readonly [number, number])[] =>
    group.rates.map((rate) => rate.interval);

  /** To 1e-9; where numpy has no rate there must be a reason and no number. */
  function expected(values: Truth | null): unknown {
    if (values === null) return 'undefined-metric';
    const near = (x: number): unknown => expect.closeTo(x, 9);
    return {
      difference: near(values.difference),
      ratio: values.ratio === null ? null : near(values.ratio),
      intervals: values.intervals.map((rates) => rates.map((interval) => interval.map(near))),
    };
  }
});

/** 10 rows of each group; so many of them predicted positive. */
const selected = (f: number, m: number): Case => ({
  label: Array.from({ length: 20 }, (_, i) => i % 2),
  prediction: Array.from({ length: 20 }, (_, i) => (i % 10 < (i < 10 ? f : m) ? 1 : 0)),
  group: Array.from({ length: 20 }, (_, i) => (i < 10 ? 'f' : 'm')),
});

describe('limits', () => {
  test.each<[number, number, Partial<WrittenFairnessRule>, FairnessResult['verdict']]>([
    [4, 3, { 'max-difference': 0.1 }, 'pass'],
    [5, 3, { 'max-difference': 0.1 }, 'fail'],
    [5, 4, { 'max-difference': undefined, 'min-ratio': 0.8 }, 'pass'],
    [5, 3, { 'max-difference': undefined, 'min-ratio': 0.8 }, 'fail'],
    [5, 3, { severity: 'warn' }, 'warn'],
    [5, 3, { severity: 'info' }, 'pass'],
    [0, 0, {}, 'pass'],
  ])('%d and %d of 10 with %j: %s', (f, m, rule, verdict) => {
    expect(judge(selected(f, m), rule).verdict).toBe(verdict);
  });

  test('a group that is too small is named and not judged', () => {
    const { label, prediction, group } = selected(5, 5);
    const given = { label: [...label, 1], prediction: [...prediction, 0], group: [...group, 'x'] };
    expect(judge(given).verdict).toBe('fail');
    expect(judge(given, { 'min-n': 2 })).toMatchObject({
      verdict: 'pass',
      fairness: { groups: [{ name: 'f' }, { name: 'm' }, { name: 'x', rows: 1, rates: [] }] },
    });
  });

  test.each<[string, FairnessResult, string, RegExp]>([
    ['no such column', judge(selected(1, 1), { by: 'age' }), 'empty-slice', /no column 'age'/],
    ['groups that are too small', judge(selected(1, 1), { 'min-n': 11 }), 'empty-slice', /0 of 2 groups/],
    [
      'a group without positives',
      judge({ label: [1, 0], prediction: [1, 1], group: ['f', 'm'] }, { fairness: 'equal-opportunity' }),
      'undefined-metric',
      /'m' has no positive row/,
    ],
    [
      'a ratio of zeros',
      judge(selected(0, 0), { 'min-ratio': 0.8, severity: 'info' }),
      'undefined-metric',
      /ratio is 0\/0/,
    ],
  ])('%s is an error', (_, result, reason, message) => {
    expect(result).toMatchObject({
      verdict: 'error',
      fairness: { reason, message: expect.stringMatching(message) },
    });
  });

  test('without predictions there is nothing to compare', () => {
    const rule = settleFairness({ fairness: 'equalised-odds', by: 'sex', 'min-ratio': 0.8 }, 'fair');
    expect(judgeFairness([rule], { column: () => undefined }, 0.95)).toMatchObject([{ verdict: 'error' }]);
  });

  test('a rule without a limit is refused', () => {
    expect(() => settleFairness({ fairness: 'equalised-odds', by: 'sex' }, 'fair')).toThrow(
      expect.objectContaining({ reasonCode: 'bad-config' }),
    );
  });
});

test('neither the order of rows nor the names of groups change difference and ratio', () => {
  fc.assert(
    fc.property(anyCase, fc.constantFrom(...CRITERIA), (given, fairness) => {
      const other: Case = {
        label: given.label.toReversed(),
        prediction: given.prediction.toReversed(),
        group: given.group.toReversed().map((name) => `not ${name}`),
      };
      const numbers = ({ fairness: finding }: FairnessResult): unknown =>
        finding.found === 'error' ? finding.reason : [finding.difference, finding.ratio];
      expect(numbers(judge(other, { fairness }))).toEqual(numbers(judge(given, { fairness })));
    }),
  );
});

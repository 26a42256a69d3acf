import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { settleFairness, type FairnessResult } from './settle.ts';
import { judgeFairness } from './judge.ts';
import type { Sample } from '../../sample.ts';
import type { WrittenFairness } from './schema.ts';
import type { Comparable, MeasuredBaseline } from '../../measured-models.ts';

const CRITERIA = ['demographic-parity', 'equal-opportunity', 'equalised-odds'] as const;

interface Case {
  readonly label: number[];
  readonly prediction: number[];
  readonly sex: string[];
  readonly age?: string[];
}

const sampleOf = ({ label, prediction }: Pick<Case, 'label' | 'prediction'>): Sample => ({
  rows: label.length,
  label: Float64Array.from(label),
  prediction: Float64Array.from(prediction),
});
const NONE: MeasuredBaseline = { kind: 'none' };
const against = (sample: Comparable<Sample>): MeasuredBaseline => ({
  kind: 'present',
  sample,
  logged: { kind: 'absent' },
});

function judge(
  given: Case,
  written: Partial<WrittenFairness> = {},
  baseline: MeasuredBaseline = NONE,
): FairnessResult {
  const rule = { fairness: 'demographic-parity' as const, by: 'sex', 'max-difference': 0.1, ...written };
  const candidate = {
    sample: sampleOf(given),
    column: (name: string) => ({ sex: given.sex, age: given.age })[name],
  };
  return judgeFairness([settleFairness(rule, 'fair')], candidate, baseline, 0.9)[0] as FairnessResult;
}

const anyCase: fc.Arbitrary<Case> = fc.integer({ min: 4, max: 80 }).chain((n) => {
  const bits = fc.array(fc.constantFrom(0, 1), { minLength: n, maxLength: n });
  const groups = fc.array(fc.constantFrom('f', 'm', 'x'), { minLength: n - 2, maxLength: n - 2 });
  const ages = fc.array(fc.constantFrom('young', 'old'), { minLength: n, maxLength: n });
  return fc.record({ label: bits, prediction: bits, sex: groups.map((g) => ['f', 'm', ...g]), age: ages });
});

/** 10 rows of each group; so many of them predicted positive. */
const selected = (f: number, m: number): Case => ({
  label: Array.from({ length: 20 }, (_, i) => i % 2),
  prediction: Array.from({ length: 20 }, (_, i) => (i % 10 < (i < 10 ? f : m) ? 1 : 0)),
  sex: Array.from({ length: 20 }, (_, i) => (i < 10 ? 'f' : 'm')),
});

describe('limits', () => {
  test.each<[number, number, Partial<WrittenFairness>, FairnessResult['verdict']]>([
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
    const { label, prediction, sex } = selected(5, 5);
    const given = { label: [...label, 1], prediction: [...prediction, 0], sex: [...sex, 'x'] };
    expect(judge(given).verdict).toBe('fail');
    expect(judge(given, { 'min-n': 2 })).toMatchObject({
      verdict: 'pass',
      fairness: {
        groups: [
          { where: { sex: 'f' } },
          { where: { sex: 'm' } },
          { where: { sex: 'x' }, rows: 1, rates: [] },
        ],
      },
    });
  });

  test.each<[string, FairnessResult, string, RegExp]>([
    ['no such column', judge(selected(1, 1), { by: 'age' }), 'empty-slice', /no column 'age'/],
    ['groups that are too small', judge(selected(1, 1), { 'min-n': 11 }), 'empty-slice', /0 of 2 groups/],
    [
      'a group without positives',
      judge({ label: [1, 0], prediction: [1, 1], sex: ['f', 'm'] }, { fairness: 'equal-opportunity' }),
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
    expect(judgeFairness([rule], { column: () => undefined }, NONE, 0.95)).toMatchObject([
      { verdict: 'error' },
    ]);
  });

  test('a rule without a limit is refused', () => {
    expect(() => settleFairness({ fairness: 'equalised-odds', by: 'sex' }, 'fair')).toThrow(
      expect.objectContaining({ reasonCode: 'bad-config' }),
    );
  });
});

describe('beside the baseline', () => {
  const limit = { 'max-difference': undefined, 'max-regression': 0.1 };
  const same = (f: number, m: number): MeasuredBaseline =>
    against({ kind: 'same', value: sampleOf(selected(f, m)) });

  test.each<[number, number, MeasuredBaseline, FairnessResult['verdict']]>([
    [5, 3, same(4, 3), 'pass'],
    [5, 3, same(3, 5), 'pass'],
    [6, 3, same(4, 3), 'fail'],
    [6, 3, NONE, 'new-baseline'],
  ])('%d and %d of 10: %#', (f, m, baseline, verdict) => {
    expect(judge(selected(f, m), limit, baseline).verdict).toBe(verdict);
  });

  test('the groups of the baseline come with their intervals', () => {
    expect(judge(selected(6, 3), limit, same(4, 3)).fairness).toMatchObject({
      difference: expect.closeTo(0.3, 12),
      baseline: {
        difference: expect.closeTo(0.1, 12),
        groups: [{ rates: [{ value: 0.4, rows: 10 }] }, { rates: [{ value: 0.3, rows: 10 }] }],
      },
      broken: ['max-regression'],
    });
  });

  test('a break of another limit is no new baseline', () => {
    expect(judge(selected(6, 3), { ...limit, 'max-difference': 0.1 }).verdict).toBe('fail');
  });

  test.each<[Comparable<Sample>, string]>([
    [{ kind: 'absent' }, 'missing-metric'],
    [{ kind: 'different', message: 'Another test set.' }, 'different-test-set'],
  ])('%j is an error, whatever the severity', (sample, reason) => {
    expect(judge(selected(3, 3), { ...limit, severity: 'info' }, against(sample))).toMatchObject({
      verdict: 'error',
      fairness: { reason },
    });
  });

  test('a model is never less fair than itself', () => {
    fc.assert(
      fc.property(anyCase, fc.constantFrom(...CRITERIA), (given, fairness) => {
        const written = { fairness, by: ['sex', 'age'], ...limit, 'max-regression': 0 };
        const baseline = against({ kind: 'same', value: sampleOf(given) });
        expect(['pass', 'error']).toContain(judge(given, written, baseline).verdict);
      }),
    );
  });
});

test('a row that is predicted several times counts once, in the share of its repeats', () => {
  const [a, b] = [selected(6, 2), selected(4, 2)];
  const rule = settleFairness({ fairness: 'demographic-parity', by: 'sex', 'max-difference': 0.3 }, 'fair');
  const candidate = { sample: { ...sampleOf(a), repeats: [sampleOf(b)] }, column: () => a.sex };
  expect(judgeFairness([rule], candidate, NONE, 0.95)).toMatchObject([
    { fairness: { difference: 0.3, groups: [{ rates: [{ value: 0.5, rows: 10 }] }, {}] } },
  ]);
});

test('neither the order of rows nor the names of groups change difference and ratio', () => {
  fc.assert(
    fc.property(anyCase, fc.constantFrom(...CRITERIA), (given, fairness) => {
      const other: Case = {
        label: given.label.toReversed(),
        prediction: given.prediction.toReversed(),
        sex: given.sex.toReversed().map((name) => `not ${name}`),
      };
      const numbers = ({ fairness: finding }: FairnessResult): unknown =>
        finding.found === 'error' ? finding.reason : [finding.difference, finding.ratio];
      expect(numbers(judge(other, { fairness }))).toEqual(numbers(judge(given, { fairness })));
    }),
  );
});

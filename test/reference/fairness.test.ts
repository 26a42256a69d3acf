import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeFairness } from '@sluice/core/gate/kinds/fairness/judge.ts';
import { settleFairness, type FairnessResult, type Group } from '@sluice/core/gate/kinds/fairness/settle.ts';
import { askPython } from './python.ts';

const CRITERIA = ['demographic-parity', 'equal-opportunity', 'equalised-odds'] as const;

interface Case {
  readonly label: number[];
  readonly prediction: number[];
  readonly sex: string[];
  readonly age: string[];
}

function judge(given: Case, fairness: (typeof CRITERIA)[number], by: string[]): FairnessResult['fairness'] {
  const sample = {
    rows: given.label.length,
    label: Float64Array.from(given.label),
    prediction: Float64Array.from(given.prediction),
  };
  const column = (name: string): string[] | undefined => ({ sex: given.sex, age: given.age })[name];
  const rule = settleFairness({ fairness, by, 'max-difference': 0.1 }, 'fair');
  return (judgeFairness([rule], { sample, column }, { kind: 'none' }, 0.9)[0] as FairnessResult).fairness;
}

const anyCase: fc.Arbitrary<Case> = fc.integer({ min: 4, max: 80 }).chain((n) => {
  const bits = fc.array(fc.constantFrom(0, 1), { minLength: n, maxLength: n });
  const groups = fc.array(fc.constantFrom('f', 'm', 'x'), { minLength: n - 2, maxLength: n - 2 });
  const ages = fc.array(fc.constantFrom('young', 'old'), { minLength: n, maxLength: n });
  return fc.record({ label: bits, prediction: bits, sex: groups.map((g) => ['f', 'm', ...g]), age: ages });
});

const nameOf = ({ where }: Group): string => Object.values(where).join(' × ');

describe('agrees with fairlearn and scipy to 1e-9', () => {
  const cases = fc
    .sample(anyCase, { numRuns: 200, seed: 20240501 })
    .map((given, i) => ({ ...given, by: i % 2 === 0 ? ['sex'] : ['sex', 'age'] }));
  interface Truth {
    readonly difference: number;
    readonly ratio: number | null;
    readonly intervals: [number, number][][];
  }
  let truth: Record<string, Truth | null>[] = [];

  beforeAll(async () => {
    truth = await askPython('fairness_reference.py', cases);
  }, 60_000);

  test.each(CRITERIA)('%s', (fairness) => {
    const found = cases.map((given) => judge(given, fairness, given.by));
    const measured = found.map((finding) =>
      finding.found === 'error'
        ? finding.reason
        : {
            difference: finding.difference,
            ratio: finding.ratio ?? null,
            intervals: [...finding.groups].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).map(intervalsOf),
          },
    );
    expect(measured).toEqual(truth.map((values) => expected(values[fairness] ?? null)));
    expect(found.filter((finding) => finding.found === 'measured').length).toBeGreaterThan(100);
  });

  const intervalsOf = (group: Group): (readonly [number, number])[] =>
    group.rates.map((rate) => rate.interval);

  /** To 1e-9; where numpy has no rate there must be a reason and no number. */
  function expected(values: Truth | null): unknown {
    if (values === null) return expect.stringMatching(/^(undefined-metric|empty-slice)$/);
    const near = (x: number): unknown => expect.closeTo(x, 9);
    return {
      difference: near(values.difference),
      ratio: values.ratio === null ? null : near(values.ratio),
      intervals: values.intervals.map((rates) => rates.map((interval) => interval.map(near))),
    };
  }
});

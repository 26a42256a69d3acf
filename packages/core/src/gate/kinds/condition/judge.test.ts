import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PLAIN, type Layout } from '../../statistics/choice.ts';
import type { Sample } from '../../sample.ts';
import { settleCondition, type ConditionResult } from './settle.ts';
import { judgeConditions } from './judge.ts';
import { usesTestSetUp } from '../../limited-use.ts';
import { withUse } from './with-use.ts';
import type { TestSetUse } from '../../test-set-use.ts';
import type { MeasuredBaseline } from '../../measured-models.ts';
import type { WrittenCondition } from './schema.ts';

const ROWS = 1000;

/** Labels are all 1; the first `wrong` predictions are not. */
function sample(wrong: number, rows = ROWS): Sample {
  const prediction = Float64Array.from({ length: rows }, (_, i) => (i < wrong ? 0 : 1));
  return { rows, label: new Float64Array(rows).fill(1), prediction };
}

const baseline = (before: Sample): MeasuredBaseline => ({
  kind: 'present',
  sample: { kind: 'same', value: before },
  logged: { kind: 'absent' },
});
const NONE: MeasuredBaseline = { kind: 'none' };

function judge(
  written: Partial<WrittenCondition>,
  now: Sample | undefined,
  before: MeasuredBaseline,
): ConditionResult {
  const rule = settleCondition(
    {
      condition: 'n - o > 0 +/- 0.2',
      reliability: 0.95,
      mode: 'fp-free',
      adaptivity: 'none',
      steps: 4,
      ...written,
    },
    'c',
    PLAIN,
  );
  return judgeConditions([rule], now === undefined ? {} : { sample: now }, before)[0]!;
}

describe('a condition on rows', () => {
  test.each<[string, Partial<WrittenCondition>, number, number, string, string]>([
    ['that holds by more than the tolerance', {}, 100, 400, 'pass', 'true'],
    ['that does not hold by more than the tolerance', {}, 400, 100, 'fail', 'false'],
    ['that is open is rejected by fp-free', {}, 300, 400, 'fail', 'unknown'],
    ['that is open is accepted by fn-free', { mode: 'fn-free' }, 300, 400, 'pass', 'unknown'],
    ['that is refuted is rejected by fn-free', { mode: 'fn-free' }, 400, 100, 'fail', 'false'],
    ['of severity warn', { severity: 'warn' }, 400, 100, 'warn', 'false'],
    ['of severity info', { severity: 'info' }, 400, 100, 'pass', 'false'],
  ])('%s', (_, written, wrong, wrongBefore, verdict, truth) => {
    const result = judge(written, sample(wrong), baseline(sample(wrongBefore)));
    expect(result).toMatchObject({ verdict, rows: ROWS, condition: { truth } });
    expect(result.clauses[0]?.measured?.estimate).toBeCloseTo((wrongBefore - wrong) / ROWS, 12);
  });

  test('knows the share of predictions that differ, whatever the classes are written like', () => {
    const now = { rows: 4, label: ['a', 'b', 'True', '1'], prediction: ['a', 'x', 'true', '2'] };
    const before = { ...now, prediction: ['a', 'y', 'True', '2.0'] };
    const result = judge({ condition: 'd < 0.5 +/- 0.1' }, now, baseline(before));
    expect(result.clauses[0]?.measured?.estimate).toBe(0.25);
  });

  test('says how many rows are missing, and which tolerance they allow', () => {
    const result = judge({}, sample(10, 100), baseline(sample(90, 100)));
    expect(result).toMatchObject({
      verdict: 'error',
      rows: 100,
      condition: { found: 'error', reason: 'too-few-rows' },
      clauses: [{ measured: { truth: 'true' } }],
    });
    expect(result.rowsRequired).toBe(254);
    expect(JSON.stringify(result.condition)).toMatch(
      /there are 100 rows, .* needs 254 \(they allow \+\/- 0\.32\)/,
    );
  });

  test('is an error in either mode where there are too few rows', () => {
    for (const mode of ['fp-free', 'fn-free'] as const) {
      expect(judge({ mode, severity: 'info' }, sample(1, 10), baseline(sample(9, 10))).verdict).toBe('error');
    }
  });

  test('waits for a baseline, but not with what needs none', () => {
    expect(judge({}, sample(100), NONE)).toMatchObject({ verdict: 'new-baseline', clauses: [{}] });
    const both = 'n > 0.7 +/- 0.1 /\\ n - o > 0 +/- 0.2';
    expect(judge({ condition: both }, sample(100), NONE).verdict).toBe('new-baseline');
    expect(judge({ condition: both }, sample(400), NONE).verdict).toBe('fail');
    expect(judge({ condition: 'n > 0.7 +/- 0.1' }, sample(100), NONE).verdict).toBe('pass');
  });

  test.each<[string, Sample | undefined, MeasuredBaseline, string]>([
    ['no predictions', undefined, baseline(sample(1)), 'missing-metric'],
    ['no rows', sample(0, 0), baseline(sample(0, 0)), 'no-rows'],
    [
      'another test set',
      sample(1),
      { kind: 'present', sample: { kind: 'different', message: 'Other rows.' }, logged: { kind: 'absent' } },
      'different-test-set',
    ],
    [
      'a baseline without predictions',
      sample(1),
      { kind: 'present', sample: { kind: 'absent' }, logged: { kind: 'absent' } },
      'missing-metric',
    ],
    [
      'a prediction that is no number',
      { ...sample(1), prediction: new Float64Array(ROWS).fill(NaN) },
      baseline(sample(1)),
      'not-a-number',
    ],
  ])('with %s is an error', (_, now, before, reason) => {
    expect(judge({}, now, before)).toMatchObject({ verdict: 'error', condition: { reason } });
  });

  test('that mentions no baseline does not care what the baseline is', () => {
    const before: MeasuredBaseline = {
      kind: 'present',
      sample: { kind: 'different', message: 'Other rows.' },
      logged: { kind: 'absent' },
    };
    expect(judge({ condition: 'n > 0.7 +/- 0.1' }, sample(100), before).verdict).toBe('pass');
  });

  test('that passes still passes when every row comes several times: more rows never turn a true into a false', () => {
    const shares = fc.integer({ min: 0, max: 100 });
    const modes = fc.constantFrom('fp-free' as const, 'fn-free' as const);
    fc.assert(
      fc.property(shares, shares, fc.integer({ min: 1, max: 5 }), modes, (now, before, times, mode) => {
        const judged = [300, 300 * times].map(
          (rows) =>
            judge({ mode }, sample((now * rows) / 100, rows), baseline(sample((before * rows) / 100, rows)))
              .verdict,
        );
        expect(judged[1]).toBe(judged[0]);
        expect(judged).not.toContain('error');
      }),
    );
  });

  test('sees two equal models as no change', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: ROWS }), (wrong) => {
        const result = judge(
          { condition: 'd < 0.2 +/- 0.1 /\\ o - n < 0.2 +/- 0.1', steps: 1, reliability: 0.9 },
          sample(wrong),
          baseline(sample(wrong)),
        );
        expect(result.clauses.map(({ measured }) => measured?.estimate)).toEqual([0, 0]);
      }),
    );
  });
});

describe('a rule', () => {
  test.each<[Partial<WrittenCondition>, Layout, RegExp]>([
    [{ condition: 'n > 0.95 +/- 0.1' }, PLAIN, /would reject every model/],
    [{ condition: 'n > 0.05 +/- 0.1', mode: 'fn-free' }, PLAIN, /would accept every model/],
    [{}, { clustered: true, repeated: false }, /columns\.cluster/],
    [{}, { clustered: false, repeated: true }, /columns\.repeat/],
  ])('%j with %j is refused', (written, layout, message) => {
    const whole = {
      condition: 'n > 0.5 +/- 0.1',
      reliability: 0.9,
      mode: 'fp-free',
      adaptivity: 'none',
      steps: 1,
      ...written,
    } as const;
    expect(() => settleCondition(whole, 'c', layout)).toThrow(message);
  });
});

describe('with the use of the test set', () => {
  const counted = (position: number, isUsedUp = false): TestSetUse => ({
    kind: 'counted',
    position,
    used: position,
    isUsedUp,
  });
  const uncounted = (dryRun: boolean, used?: number): TestSetUse => ({
    kind: 'uncounted',
    dryRun,
    why: 'No.',
    isUsedUp: false,
    ...(used === undefined ? {} : { used }),
  });
  const accepted = (written: Partial<WrittenCondition> = {}): ConditionResult =>
    judge(written, sample(100), baseline(sample(400)));

  test.each<[string, Partial<WrittenCondition>, TestSetUse, string, string | undefined]>([
    ['the last step counts', {}, counted(4), 'pass', undefined],
    ['after it nothing is known', {}, counted(5), 'error', 'budget-spent'],
    ['also not in fn-free', { mode: 'fn-free' }, counted(5), 'error', 'budget-spent'],
    ['an earlier acceptance does not matter', {}, counted(2, true), 'pass', undefined],
    [
      'but it does for first-change',
      { adaptivity: 'first-change' },
      counted(2, true),
      'error',
      'budget-spent',
    ],
    ['the first acceptance itself is one', { adaptivity: 'first-change' }, counted(2), 'pass', undefined],
    ['what is not counted is not known', {}, uncounted(false, 1), 'error', 'budget-uncounted'],
    ['nor where the count is not known', {}, uncounted(false), 'error', 'budget-uncounted'],
    ['a dry run warns', {}, uncounted(true, 1), 'warn', undefined],
    ['a dry run after the last step', {}, uncounted(true, 4), 'error', 'budget-spent'],
  ])('%s', (_, written, use, verdict, reason) => {
    const { verdict: own, condition } = withUse(accepted(written), use);
    expect([own, condition.found === 'error' ? condition.reason : undefined]).toEqual([verdict, reason]);
  });

  test('nothing that is not a pass becomes one', () => {
    const uses = fc.oneof(
      fc
        .record({ position: fc.integer({ min: 1, max: 9 }), isUsedUp: fc.boolean() })
        .map(({ position, isUsedUp }) => counted(position, isUsedUp)),
      fc
        .record({ dryRun: fc.boolean(), used: fc.nat({ max: 9 }) })
        .map(({ dryRun, used }) => uncounted(dryRun, used)),
    );
    const results = fc.constantFrom(
      judge({}, sample(400), baseline(sample(100))),
      judge({ severity: 'warn' }, sample(400), baseline(sample(100))),
      judge({}, sample(100), NONE),
      judge({}, sample(1, 10), baseline(sample(9, 10))),
    );
    fc.assert(
      fc.property(results, uses, (result, use) => {
        expect(withUse(result, use).verdict).not.toBe('pass');
      }),
    );
  });

  test('only first-change uses the test set up, and only when it accepts', () => {
    expect(usesTestSetUp([accepted()])).toBe(false);
    expect(usesTestSetUp([accepted(), accepted({ adaptivity: 'first-change' })])).toBe(true);
    expect(usesTestSetUp([judge({ adaptivity: 'first-change' }, sample(400), baseline(sample(100)))])).toBe(
      false,
    );
  });
});

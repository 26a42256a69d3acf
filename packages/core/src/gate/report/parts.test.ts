import { describe, expect, test } from '@jest/globals';
import { judgeMetrics } from '../kinds/metric/judge.ts';
import { metricRules } from '@sluice/testing/metric-rules.ts';
import type { WrittenMetric } from '../kinds/metric/schema.ts';
import type { Sample } from '../sample.ts';
import { renderReport } from '@sluice/testing/gate-report.ts';
import { fixOf, ruleText } from '../kinds/metric/remedy.ts';
import type { MetricResult } from '../kinds/metric/verdict.ts';

/** Ones, of which the first `wrong` are missed. */
function model(rows: number, wrong: number): Sample {
  const prediction = new Float64Array(rows).fill(1).fill(0, 0, wrong);
  return { rows, label: new Float64Array(rows).fill(1), prediction };
}

function judged(written: Partial<WrittenMetric>, candidate: Sample, before?: Sample): MetricResult {
  const [result] = judgeMetrics(
    metricRules([{ metric: 'accuracy', ...written }]),
    { sample: candidate, column: () => undefined, logged: new Map() },
    before === undefined
      ? { kind: 'none' }
      : { kind: 'present', sample: { kind: 'same', value: before }, logged: { kind: 'absent' } },
  );
  return result as MetricResult;
}

describe('what would fix a rule', () => {
  test('of an interval: the value to which the interval would have to move, and there the rule passes', () => {
    const result = judged({ 'max-regression': 0.02 }, model(10_000, 1000), model(10_000, 0));
    const enough = Number(/about (\S+) on these rows/.exec(fixOf(result))?.[1]);
    expect(result.verdict).toBe('fail');
    expect(enough).toBeGreaterThan(0.98);
    const wrong = Math.floor(10_000 * (1 - enough));
    expect(judged({ 'max-regression': 0.02 }, model(10_000, wrong), model(10_000, 0)).verdict).toBe('pass');
  });

  /** Off by turns of `low` and `high`. */
  function off(low: number, high: number): Sample {
    const prediction = Float64Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? low : high));
    return { rows: 200, label: new Float64Array(200), prediction };
  }

  test.each([
    [
      'higher',
      { 'max-regression': 0.02 },
      model(100, 50),
      model(100, 0),
      'accuracy is 0.5000; at least 0.9800',
    ],
    [
      'lower',
      { metric: 'rmse', 'max-regression': '5%' },
      off(5, 100),
      off(29, 30),
      'rmse is 70.80; at most 30.98',
    ],
  ])(
    'of an interval so wide that it would have to move past the baseline: no value, for %s is better',
    (_, rule, candidate, before, limit) => {
      const result = judged(rule, candidate, before);
      expect(result.verdict).toBe('fail');
      expect(fixOf(result)).toBe(
        `${limit} is allowed, and the whole interval of the change has to stay within that.`,
      );
      expect(judged(rule, before, before).verdict).toBe('pass');
    },
  );

  test('of an interval names the limit before the value', () => {
    const rule = { metric: 'rmse', 'max-regression': '5%' };
    const result = judged(rule, off(30, 42), off(29, 30));
    expect(fixOf(result)).toMatch(
      /^rmse is 36\.50; at most 30\.98 is allowed, and the whole interval of the change has to stay within that: about 30\.[1-4]\d on these rows would pass\.$/,
    );
  });

  test.each([
    [{ min: 0.9 }, 'accuracy is 0.8000; at least 0.9000 would pass.', '{metric: accuracy, min: 0.9}'],
    [{ max: 0.5 }, 'accuracy is 0.8000; at most 0.5000 would pass.', '{metric: accuracy, max: 0.5}'],
  ])('of %j', (rule, fix, text) => {
    const result = judged(rule, model(100, 20));
    expect(fixOf(result)).toBe(fix);
    expect(ruleText(result)).toBe(text);
  });

  test('a limit with both shares and numbers is written as in sluice.yaml', () => {
    const limit = { abs: 0.005, rel: '2%', combine: 'max' as const };
    const result = judged({ 'max-regression': limit }, model(1000, 500), model(1000, 0));
    expect(ruleText(result)).toBe('{metric: accuracy, max-regression: {abs: 0.005, rel: 2%, combine: max}}');
  });
});

describe('the headline', () => {
  test.each([
    ['pass', 'passes its gate: this can merge'],
    ['warn', 'passes its gate, with warnings: this can merge, after a look'],
    ['fail', 'does not pass its gate: do not merge'],
    ['error', 'could not be judged: do not merge yet'],
  ] as const)('of %s on a pull request', (decision, words) => {
    expect(renderReport({ decision, isPullRequest: true })).toContain(`### \`m\` ${words}\n`);
  });

  test('elsewhere there is nothing to merge', () => {
    expect(renderReport({ decision: 'pass' }).split('\n', 1)).toEqual(['### `m` passes its gate']);
  });
});

describe('folded parts', () => {
  test('name the rows that changed, and count those that are not named', () => {
    const ids = { broke: ['f1', 'f2'], fixed: [] };
    const text = renderReport({ changed: { rows: 100, broke: 7, fixed: 0, ids } });
    expect(text).toContain('<summary>Rows that changed (7 wrong now, 0 right now)</summary>');
    expect(text).toContain('Wrong now, right for the baseline: `f1`, `f2` and 5 more.');
  });

  test('have the baseline beside each metric', () => {
    const text = renderReport({
      metrics: new Map([
        ['auc', { kind: 'value', value: 0.7 }],
        ['new', { kind: 'value', value: 1 }],
      ]),
      baselineMetrics: new Map([['auc', { kind: 'value', value: 0.65 }]]),
    });
    expect(text).toContain('| `auc` | 0.65 | 0.7 |\n| `new` | not known | 1 |');
  });

  test('draw the history of what a rule names, with the candidate last', () => {
    const text = renderReport({
      results: [judged({ min: 0.5 }, model(100, 20))],
      history: [
        { version: 'v1.0.0', metrics: { accuracy: 0.7, other: 1 } },
        { version: 'v2.0.0', metrics: { other: 1 } },
      ],
    });
    expect(text).toContain('accuracy (higher is better): v1.0.0 0.7000, this change 0.8000.');
    expect(text).toContain('line [0.7, 0.8]');
  });

  test('a slice that fails stands in the visible table, one that passes is folded', () => {
    const columns = Array.from({ length: 2000 }, (_, i) => (i < 1000 ? 'AA' : 'UA'));
    const results = judgeMetrics(
      metricRules([{ metric: 'accuracy', 'max-regression': 0.02, slices: [{ by: 'carrier' }] }]),
      { sample: model(2000, 400), column: () => columns, logged: new Map() },
      {
        kind: 'present',
        sample: { kind: 'same', value: model(2000, 0) },
        logged: { kind: 'absent' },
      },
    );
    const [visible = '', folded = ''] = renderReport({ results }).split(
      '<summary>Slices of accuracy by carrier',
    );
    expect(visible).toContain('| accuracy where carrier = AA | **fail** |');
    expect(visible).not.toContain('carrier = UA');
    expect(folded).toContain('(1 failed, 1 passed)');
    expect(folded).toContain('| accuracy where carrier = UA |');
  });
});

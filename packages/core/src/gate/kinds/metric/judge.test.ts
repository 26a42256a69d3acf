import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeMetrics } from './judge.ts';
import { tryLimits } from './limits.ts';
import type { Measurement } from '../../measurement.ts';
import { metricRules } from '@sluice/testing/metric-rules.ts';
import type { MetricRule } from './settle.ts';
import type { WrittenMetric } from './schema.ts';
import { takeRows, type Sample } from '../../sample.ts';
import { worst } from '../../verdict.ts';
import type { MeasuredBaseline, MeasuredCandidate } from '../../measured-models.ts';
import { gateVerdict } from '../../gate-verdict.ts';

const value = (v: number): Measurement => ({ kind: 'value', value: v });
const rule = (part: Partial<WrittenMetric>): MetricRule =>
  metricRules([{ metric: 'auc', direction: 'higher', ...part }])[0] as MetricRule;

const numbers = (...values: number[]): Float64Array => Float64Array.from(values);
const carrier = ['AA', 'AA', 'UA', 'UA', 'UA', null];
const sample: Sample = {
  rows: 6,
  label: numbers(0, 1, 0, 1, 1, 0),
  prediction: numbers(0, 1, 0, 1, 0, 0),
  score: numbers(0.1, 0.9, 0.2, 0.8, 0.4, 0.3),
};
const candidate = (part: Partial<MeasuredCandidate> = {}): MeasuredCandidate => ({
  sample,
  column: (name) =>
    name === 'carrier' ? carrier : name === 'origin' ? ['J', 'J', 'J', 'L', 'L', 'L'] : undefined,
  logged: new Map(),
  ...part,
});
const against = (other: Sample): MeasuredBaseline => ({
  kind: 'present',
  sample: { kind: 'same', value: other },
  logged: { kind: 'absent' },
});

describe('judgeMetrics', () => {
  test('judges all rows and each slice that is large enough', () => {
    const rules = metricRules([
      {
        metric: 'accuracy',
        compare: 'point',
        'max-regression': 0.1,
        slices: [{ by: 'carrier', 'min-n': 2 }],
      },
    ]);
    const before = { ...sample, prediction: numbers(0, 1, 0, 1, 1, 1) };
    expect(judgeMetrics(rules, candidate(), against(before))).toMatchObject([
      { verdict: 'pass', rows: 6, candidate: 5 / 6, baseline: 5 / 6 },
      { verdict: 'fail', slice: { carrier: 'UA' }, rows: 3, candidate: 2 / 3, baseline: 1 },
      { verdict: 'pass', slice: { carrier: 'AA' }, rows: 2 },
      { verdict: 'not-judged', slice: { carrier: '(missing)' }, rows: 1 },
    ]);
  });

  test('crosses columns', () => {
    const rules = metricRules([{ metric: 'accuracy', min: 0, slices: [{ by: ['carrier', 'origin'] }] }]);
    const slices = judgeMetrics(rules, candidate(), { kind: 'none' }).map((r) => r.slice);
    expect(slices).toContainEqual({ carrier: 'UA', origin: 'L' });
    expect(slices).toHaveLength(5);
  });

  test.each([
    ['a column that is not there', { by: 'plane' }, /no column 'plane'/],
    ['slices that are all too small', { by: 'carrier', 'min-n': 100 }, /the largest has 3/],
  ])('%s is an error', (_, slice, message) => {
    const rules = metricRules([{ metric: 'accuracy', min: 0, slices: [slice] }]);
    expect(judgeMetrics(rules, candidate(), { kind: 'none' })[1]).toMatchObject({
      verdict: 'error',
      checks: [{ reason: 'empty-slice', message: expect.stringMatching(message) }],
    });
  });

  test('a slice where the metric has no value is an error, not a pass', () => {
    const rules = metricRules([{ metric: 'auc', min: 0, slices: [{ by: 'carrier' }] }]);
    expect(judgeMetrics(rules, candidate(), { kind: 'none' }).at(-1)).toMatchObject({
      verdict: 'error',
      slice: { carrier: '(missing)' },
      checks: [{ reason: 'undefined-metric' }],
    });
  });

  test('a metric nobody has is missing, one that only the baseline lacks as well', () => {
    const rules = metricRules([{ metric: 'latency', direction: 'lower', 'max-regression': 1 }]);
    const logged = new Map([['latency', value(3)]]);
    const none: MeasuredBaseline = {
      kind: 'present',
      sample: { kind: 'absent' },
      logged: { kind: 'same', value: new Map() },
    };
    for (const results of [
      judgeMetrics(rules, candidate(), none),
      judgeMetrics(rules, candidate({ logged }), none),
    ]) {
      expect(results).toMatchObject([{ verdict: 'error', checks: [{ reason: 'missing-metric' }] }]);
    }
  });

  test('identical predictions pass every rule, in any order of rows', () => {
    const labels = fc.array(fc.tuple(fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true })), {
      minLength: 4,
      maxLength: 30,
    });
    const rules = metricRules(
      ['accuracy', 'brier', 'balanced-accuracy'].map((metric) => ({ metric, 'max-regression': 0 })),
    );
    fc.assert(
      fc.property(labels, (rows) => {
        const given: Sample = {
          rows: rows.length,
          label: Float64Array.from(rows, ([y]) => Number(y)),
          prediction: Float64Array.from(rows, ([, p]) => Number(p > 0.5)),
          score: Float64Array.from(rows, ([, p]) => p),
        };
        const reversed = takeRows(
          given,
          Uint32Array.from(rows, (_, i) => rows.length - 1 - i),
        );
        const results = judgeMetrics(rules, candidate({ sample: reversed }), against(reversed));
        expect(results.map((r) => r.verdict)).toEqual(['pass', 'pass', 'pass']);
        expect(results.map((r) => r.candidate)).toEqual(
          judgeMetrics(rules, candidate({ sample: given }), against(given)).map((r) => r.candidate),
        );
      }),
    );
  });
});

describe('gateVerdict', () => {
  const result = (
    written: Partial<WrittenMetric>,
    c: number,
    b?: number,
  ): ReturnType<typeof judgeMetrics>[number] =>
    judgeMetrics(
      [rule({ metric: 'x', ...written })],
      { column: () => undefined, logged: new Map([['x', value(c)]]) },
      b === undefined
        ? { kind: 'none' }
        : {
            kind: 'present',
            sample: { kind: 'absent' },
            logged: { kind: 'same', value: new Map([['x', value(b)]]) },
          },
    )[0]!;
  const pass = result({ 'max-regression': 0.1 }, 1, 1);

  test.each([
    [
      'error',
      'not-a-number',
      [
        pass,
        {
          ...result({ min: 0 }, 1),
          verdict: 'error' as const,
          checks: tryLimits(
            rule({ min: 0 }),
            { kind: 'problem', reason: 'not-a-number', message: '' },
            { kind: 'none' },
          ),
        },
        result({ min: 2 }, 1),
      ],
    ],
    ['fail', 'below-limit', [pass, result({ min: 2 }, 1)]],
    [
      'fail',
      'regression',
      [pass, result({ 'max-regression': 0.1 }, 1, 2), result({ min: 2, severity: 'warn' }, 1)],
    ],
    ['fail', 'suspicious-improvement', [result({ 'max-improvement': 0.1 }, 2, 1)]],
    ['warn', 'pre-existing', [pass, result({ min: 2 }, 1, 1)]],
    ['warn', 'regression', [pass, result({ 'max-regression': 0.1, severity: 'warn' }, 1, 2)]],
    ['pass', 'ok', [pass]],
  ])('%s because of %s', (decision, reason, results) => {
    expect(gateVerdict(results, true, 'absolute-only')).toMatchObject({ decision, reason });
  });

  test.each([
    ['absolute-only', 'pass', 'new-baseline'],
    ['warn', 'warn', 'no-baseline'],
    ['fail', 'fail', 'no-baseline'],
  ] as const)('without a baseline, %s', (setting, decision, reason) => {
    expect(gateVerdict([result({ min: 0, 'max-regression': 1 }, 1)], false, setting)).toMatchObject({
      decision,
      reason,
    });
  });

  test('no result is an error', () => {
    expect(worst([])).toBe('error');
  });
});

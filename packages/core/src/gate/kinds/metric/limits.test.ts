import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tryLimits, type BaselineValue } from './limits.ts';
import type { Measurement } from '../../measurement.ts';
import { EVERY_METRIC } from '@sluice/testing/metrics.ts';
import { metricRules } from '@sluice/testing/metric-rules.ts';
import type { MetricRule } from './settle.ts';
import type { WrittenMetric } from './schema.ts';
import { worst } from '../../verdict.ts';
import { verdictOf } from './verdict.ts';

const value = (v: number): Measurement => ({ kind: 'value', value: v });
const rule = (part: Partial<WrittenMetric>): MetricRule =>
  metricRules([{ metric: 'auc', direction: 'higher', ...part }])[0] as MetricRule;
const verdict = (r: MetricRule, candidate: Measurement, baseline: BaselineValue = { kind: 'none' }): string =>
  worst(tryLimits(r, candidate, baseline).map((c) => verdictOf(c, r.severity)));

describe('settleMetric', () => {
  test.each<[string, WrittenMetric]>([
    ['better direction is not known', { metric: 'tokens-per-answer', max: 80 }],
    ['sets no limit', { metric: 'auc' }],
    ['no value fulfils both', { metric: 'auc', min: 0.9, max: 0.8 }],
    ['is empty', { metric: 'auc', 'max-regression': {} }],
  ])('%s', (message, written) => {
    expect(() => metricRules([written])).toThrow(
      expect.objectContaining({ reasonCode: 'bad-config', message: expect.stringContaining(message) }),
    );
  });
});

describe('limits', () => {
  test.each<[string, Partial<WrittenMetric>, number, number | undefined]>([
    ['pass', { min: 0.7 }, 0.7, undefined],
    ['fail', { min: 0.7 }, 0.6999999999, undefined],
    ['pass', { max: 80, direction: 'lower' }, 80, undefined],
    ['fail', { max: 80, direction: 'lower' }, 80.0000000001, undefined],
    ['warn', { min: 0.7, severity: 'warn' }, 0.6, undefined],
    ['pass', { min: 0.7, severity: 'info' }, 0.6, undefined],
    ['pass', { 'max-regression': 0.01 }, 0.89, 0.9],
    ['fail', { 'max-regression': 0.01 }, 0.8899, 0.9],
    ['pass', { 'max-regression': 0 }, 0.9, 0.9],
    ['fail', { 'max-regression': 0 }, 0.8999999, 0.9],
    ['pass', { 'max-regression': 0.005, direction: 'lower' }, 0.305, 0.3],
    ['fail', { 'max-regression': 0.005, direction: 'lower' }, 0.3051, 0.3],
    ['pass', { 'max-regression': '2%' }, 0.98, 1],
    ['fail', { 'max-regression': '2%' }, 0.9799, 1],
    ['pass', { 'max-regression': '10%' }, -1.1, -1],
    ['fail', { 'max-regression': '10%' }, -1.1001, -1],
    ['pass', { 'max-regression': { abs: 0.005, rel: '2%', combine: 'max' } }, 0.982, 1],
    ['fail', { 'max-regression': { abs: 0.005, rel: '2%', combine: 'all' } }, 0.982, 1],
    ['error', { 'max-regression': '2%' }, 0, 0],
    ['error', { 'max-regression': '2%' }, 0, 1e-13],
    ['pass', { 'max-regression': { abs: 0.1, rel: '2%' } }, -0.1, 0],
    ['pass', { 'max-improvement': 0.1 }, 0.8, 0.7],
    ['fail', { 'max-improvement': 0.1 }, 0.81, 0.7],
    ['pass', { 'max-improvement': 0.1 }, 0.1, 0.7],
    ['new-baseline', { 'max-regression': 0.1 }, 0.1, undefined],
    ['fail', { 'max-regression': 0.1, min: 0.2 }, 0.1, undefined],
    ['warn', { min: 0.7 }, 0.6, 0.6],
    ['warn', { min: 0.7 }, 0.65, 0.6],
    ['fail', { min: 0.7 }, 0.59, 0.6],
    ['fail', { min: 0.7 }, 0.69, 0.7],
    ['warn', { max: 80, direction: 'lower' }, 90, 95],
    ['fail', { max: 80, direction: 'lower' }, 96, 95],
  ])('%s for %j at %d, baseline %d', (expected, written, candidate, baseline) => {
    const before: BaselineValue = baseline === undefined ? { kind: 'none' } : value(baseline);
    expect(verdict(rule(written), value(candidate), before)).toBe(expected);
  });

  test.each<[string, BaselineValue]>([
    ['not-a-number', { kind: 'problem', reason: 'not-a-number', message: 'NaN' }],
    ['different-test-set', { kind: 'incomparable', message: 'other rows' }],
  ])('%s of the baseline is an error, whatever the severity', (reason, baseline) => {
    const checks = tryLimits(rule({ 'max-regression': 0.1, severity: 'info' }), value(1), baseline);
    expect(checks).toMatchObject([{ found: 'error', reason }]);
    expect(verdictOf(checks[0]!, 'info')).toBe('error');
  });

  test('a candidate without a number fails every limit of the rule', () => {
    const problem: Measurement = { kind: 'problem', reason: 'missing-metric', message: 'gone' };
    expect(tryLimits(rule({ min: 0, max: 1, 'max-regression': 1 }), problem, value(1))).toEqual(
      ['min', 'max', 'max-regression'].map((kind) => ({
        kind,
        found: 'error',
        reason: 'missing-metric',
        message: 'gone',
      })),
    );
  });

  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const limit = fc.oneof(
    fc.double({ min: 0, max: 10, noNaN: true }),
    fc.integer({ min: 0, max: 50 }).map((p) => `${p}%`),
    fc.record({
      abs: fc.double({ min: 0, max: 10, noNaN: true }),
      rel: fc.constant('3%'),
      combine: fc.constantFrom('max', 'all'),
    }),
  ) as fc.Arbitrary<NonNullable<WrittenMetric['max-regression']>>;
  const direction = fc.constantFrom('higher' as const, 'lower' as const);

  test('identical values never break a change limit', () => {
    fc.assert(
      fc.property(number, limit, direction, (x, l, d) => {
        fc.pre(Math.abs(x) > 1e-9);
        expect(
          verdict(rule({ direction: d, 'max-regression': l, 'max-improvement': l }), value(x), value(x)),
        ).toBe('pass');
      }),
    );
  });

  test('negating the metric and its direction changes nothing', () => {
    fc.assert(
      fc.property(number, number, number, limit, direction, (c, b, bound, l, d) => {
        const given = rule({ direction: d, min: bound, 'max-regression': l, 'max-improvement': l });
        const other = d === 'higher' ? 'lower' : 'higher';
        const mirrored = rule({ direction: other, max: -bound, 'max-regression': l, 'max-improvement': l });
        expect(verdict(mirrored, value(-c), value(-b))).toBe(verdict(given, value(c), value(b)));
      }),
    );
  });

  test('a better candidate is never judged worse', () => {
    fc.assert(
      fc.property(number, number, number, number, limit, direction, (b, bound, c, d, l, way) => {
        const given = rule({
          direction: way,
          [way === 'higher' ? 'min' : 'max']: bound,
          'max-regression': l,
        });
        const [worse, better] = [c, d].sort((x, y) => (way === 'higher' ? x - y : y - x)) as [number, number];
        const rank = (v: number): number =>
          ['fail', 'warn', 'pass'].indexOf(verdict(given, value(v), value(b)));
        expect(rank(better)).toBeGreaterThanOrEqual(rank(worse));
      }),
    );
  });

  test('a decimal change equal to the limit holds, one digit more breaks it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 9999 }),
        fc.integer({ min: 1, max: 999 }),
        (baseline, drop) => {
          const given = rule({ 'max-regression': drop / 10_000 });
          const at = (candidate: number): string =>
            verdict(given, value(candidate / 10_000), value(baseline / 10_000));
          expect([at(baseline - drop), at(baseline - drop - 1)]).toEqual(['pass', 'fail']);
        },
      ),
    );
  });
});

test('every computed metric can be a rule without naming its direction', () => {
  const written = EVERY_METRIC.map((metric) => ({ metric, min: -1 }));
  expect(metricRules(written)).toHaveLength(written.length);
});

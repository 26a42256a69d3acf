import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeMetrics } from './judge.ts';
import { meanOf } from '../../metrics/sum.ts';
import { judgeRegressions } from './regression.ts';
import { metricRules } from '@sluice/testing/metric-rules.ts';
import type { MetricRule } from './settle.ts';
import type { WrittenMetric } from './schema.ts';
import type { Sample } from '../../sample.ts';
import { bootstrap } from '../../statistics/bootstrap.ts';
import {
  fromAreas,
  fromCounts,
  fromDifferences,
  fromResamples,
  type Estimate,
} from '../../statistics/estimate.ts';
import type { MeasuredBaseline, MeasuredCandidate } from '../../measured-models.ts';
import { effectOf, type MetricResult } from './verdict.ts';
import { gateVerdict } from '../../gate-verdict.ts';

/** A model that is right in all rows but the ones given. */
function model(rows: number, wrong: (row: number) => boolean): Sample {
  const label = Float64Array.from({ length: rows }, (_, i) => i % 2);
  return {
    rows,
    label,
    prediction: label.map((y, i) => (wrong(i) ? 1 - y : y)),
    score: label.map((y, i) => (wrong(i) ? 0.6 - y / 5 : 0.4 + y / 5)),
    positive: '1',
  };
}

const evidence = (sample: Sample, group = 10): MeasuredCandidate => ({
  sample,
  logged: new Map(),
  column: (name) =>
    name === 'group' ? Array.from({ length: sample.rows }, (_, i) => String(i % group)) : undefined,
});
const against = (sample: Sample): MeasuredBaseline => ({
  kind: 'present',
  sample: { kind: 'same', value: sample },
  logged: { kind: 'absent' },
});
const judgeOne = (rule: Partial<WrittenMetric>, candidate: Sample, baseline: Sample): MetricResult =>
  judgeMetrics(
    metricRules([{ metric: 'accuracy', ...rule }]),
    evidence(candidate),
    against(baseline),
  )[0] as MetricResult;

const perfect = (rows: number): Sample => model(rows, () => false);

describe('non-inferiority', () => {
  test.each([
    ['pass', 'the whole interval is within the limit', 0.02, 10_000, 10],
    ['fail', 'the whole interval is beyond the limit', 0.02, 1_000, 60],
    ['inconclusive', 'the interval reaches over the limit, worse on paper', 0.02, 1_000, 25],
    ['inconclusive', 'the interval reaches over the limit, within it on paper', 0.02, 1_000, 15],
    ['inconclusive', 'there are few rows', 0.02, 20, 0],
    ['fail', 'nothing worse is allowed, and it is worse', 0, 1_000, 10],
  ])('%s when %s', (verdict, _, margin, rows, worse) => {
    const candidate = { ...model(rows, (i) => i < worse) };
    // One row apart, so that few rows are not identical ones.
    const baseline = model(rows, (i) => i === rows - 1);
    expect(judgeOne({ 'max-regression': margin }, candidate, baseline)).toMatchObject({ verdict });
  });

  test('says how sure it is, how small a change it sees and how many rows would settle it', () => {
    const { comparison } = judgeOne(
      { 'max-regression': 0.02 },
      model(1000, (i) => i < 25),
      perfect(1000),
    );
    expect(comparison).toMatchObject({
      test: 'mcnemar',
      evidence: 'sampled',
      confidence: 0.95,
      rows: 1000,
      spread: { kind: 'discordance', better: 0, worse: 25 },
    });
    expect(comparison?.minimumDetectableEffect).toBeCloseTo(2.801585 * Math.sqrt(0.025 / 1000), 6);
    expect(comparison?.rowsRequired).toBe(Math.ceil((2.801585 ** 2 * 0.025) / 0.02 ** 2));
  });

  test('the margin is a share of the baseline where it is written so', () => {
    const baseline = model(1000, (i) => i % 2 === 0);
    const candidate = model(1000, (i) => i % 2 === 0 || i < 40);
    const verdictAt = (limit: string): string =>
      judgeOne({ 'max-regression': limit }, candidate, baseline).verdict;
    expect([verdictAt('1%'), verdictAt('10%')]).toEqual(['fail', 'pass']);
  });

  test('numbers alone are compared as numbers, and so is what asks for it', () => {
    const result = judgeOne(
      { 'max-regression': 0.02, compare: 'point' },
      model(100, (i) => i < 3),
      perfect(100),
    );
    expect(result.verdict).toBe('fail');
    expect(result.comparison).toBeUndefined();
  });

  test('the verdict of losses is that of gains turned round', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), (worse, before) => {
        const candidate = model(400, (i) => i < worse);
        const baseline = model(400, (i) => i < before);
        const gain = judgeOne({ 'max-regression': 0.05, test: 'paired-t' }, candidate, baseline);
        const loss = judgeOne(
          { metric: 'mae', direction: 'lower', 'max-regression': 0.05 },
          candidate,
          baseline,
        );
        expect(loss.verdict).toBe(gain.verdict);
        expect(loss.comparison?.regressionPValue).toBeCloseTo(gain.comparison?.regressionPValue ?? NaN, 9);
        expect(loss.comparison?.interval[0]).toBeCloseTo(-(gain.comparison?.interval[1] ?? NaN), 12);
      }),
    );
  });

  test.each([
    ['bad', 'mcnemar', { metric: 'brier', test: 'mcnemar' }],
    ['bad', 'not computed', { metric: 'latency', direction: 'lower', compare: 'paired' }],
    ['bad', 'compare: point', { metric: 'auc', test: 'delong', compare: 'point' }],
  ] as const)('%s: %s', (_, message, part) => {
    expect(() => metricRules([{ ...part, 'max-regression': 1 }])).toThrow(
      expect.objectContaining({ reasonCode: 'bad-config', message: expect.stringContaining(message) }),
    );
  });

  test('tests that take rows for independent are refused for clusters', () => {
    const rule = { metric: 'accuracy', test: 'mcnemar' as const, 'max-regression': 0.1 };
    expect(() => metricRules([rule], { clustered: true, repeated: false })).toThrow(
      /with columns\.cluster\. Allowed: auto, paired-t, bootstrap/,
    );
    expect(() => metricRules([rule], { clustered: true, repeated: true })).toThrow(
      /with columns\.cluster and columns\.repeat\. Allowed: auto, paired-t, bootstrap/,
    );
  });
});

describe('many rules', () => {
  const slices = [{ by: 'group' }];
  const candidate = model(3000, (i) => i % 10 === 0 && i % 30 === 0);
  const baseline = model(3000, (i) => i === 5);

  test('a break that the slices explain by chance is not a failure', () => {
    const lone = judgeMetrics(
      metricRules([{ metric: 'accuracy', 'max-regression': 0.25, slices }]),
      evidence(candidate),
      against(baseline),
    ).find((r) => r.slice?.['group'] === '0');
    const { regressionPValue: p = NaN, adjustedPValue: adjusted = NaN } = lone?.comparison ?? {};
    expect(p).toBeLessThan(0.025);
    expect(adjusted).toBeCloseTo(Math.min(1, 11 * p), 12);
    expect(lone?.verdict).toBe(adjusted <= 0.025 ? 'fail' : 'inconclusive');
  });

  test('rules that only warn are not adjusted', () => {
    const results = judgeMetrics(
      metricRules([{ metric: 'accuracy', 'max-regression': 0.25, severity: 'warn', slices }]),
      evidence(candidate),
      against(baseline),
    );
    expect(results.map((r) => r.comparison?.adjustedPValue)).toEqual(results.map(() => undefined));
    expect(results.find((r) => r.slice?.['group'] === '0')?.verdict).toBe('warn');
  });
});

describe('on-inconclusive', () => {
  test.each([
    ['fail', 'fail', 'fail', 'inconclusive'],
    ['warn', 'fail', 'warn', 'inconclusive'],
    ['pass', 'fail', 'pass', 'ok'],
    ['fail', 'warn', 'warn', 'inconclusive'],
    ['fail', 'info', 'pass', 'ok'],
  ] as const)(
    '%s of a rule of severity %s makes the gate %s (%s)',
    (onInconclusive, severity, decision, reason) => {
      const result = judgeOne(
        { 'max-regression': 0.01, severity, 'on-inconclusive': onInconclusive },
        model(100, (i) => i < 2),
        perfect(100),
      );
      expect(result.verdict).toBe('inconclusive');
      expect(effectOf(result.verdict, result.rule)).toBe(decision);
      expect(gateVerdict([result], true, 'warn')).toMatchObject({ decision, reason });
    },
  );

  test('an inconclusive regression does not hide a broken limit', () => {
    const result = judgeOne(
      { 'max-regression': 0.01, min: 0.99 },
      model(100, (i) => i < 2),
      perfect(100),
    );
    expect(result.verdict).toBe('fail');
  });
});

describe('negating the metric and its direction changes no verdict by interval', () => {
  /** The estimate of a metric whose paired differences are `d`, by each test that such a metric can have. */
  const byTest: Record<string, (d: Float64Array) => Estimate> = {
    mcnemar: (d) =>
      fromCounts(
        { rows: d.length, better: d.filter((x) => x > 0).length, worse: d.filter((x) => x < 0).length },
        0.95,
      ),
    delong: (d) =>
      fromAreas({ difference: meanOf(d), standardError: 0.2 / Math.sqrt(d.length) }, d.length, 0.95),
    'paired-t': (d) => fromDifferences(d, undefined, 0.95),
    bootstrap: (d) => {
      const statistic = (weights: Uint32Array): number => meanOf(d.map((x, i) => x * (weights[i] as number)));
      const result = bootstrap(statistic, { kind: 'rows', rows: d.length }, { resamples: 500, seed: 1 });
      return fromResamples(result, { rows: d.length, resamples: 500 }, 0.95);
    },
  };
  const judged = (
    metric: string,
    direction: 'higher' | 'lower',
    margin: number,
    estimate: Estimate,
  ): object => {
    const [rule] = metricRules([{ metric, direction, 'max-regression': margin }]) as [MetricRule];
    const sign = direction === 'higher' ? 1 : -1;
    const baseline = { kind: 'value', value: sign * 0.8 } as const;
    const [found] = judgeRegressions([{ rule, baseline, estimate }], { confidence: 0.95, seed: 1 });
    const { finding, comparison } = found as NonNullable<typeof found>;
    const { regressionPValue = NaN, adjustedPValue = NaN, rowsRequired } = comparison;
    return { finding, rowsRequired, p: [regressionPValue, adjustedPValue].map((p) => p.toFixed(9)) };
  };

  test.each(Object.entries(byTest))('%s', (_, estimate) => {
    const found = new Set<unknown>();
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(-1, -0.5, -0.25, 0, 0, 0, 0.25, 0.5, 1), { minLength: 5, maxLength: 60 }),
        fc.constantFrom(-0.5, 0, 0.5),
        fc.constantFrom(0, 0.01, 0.1, 0.3),
        (differences, shift, margin) => {
          const d = Float64Array.from(differences, (x) => x + shift);
          const given = judged('own', 'higher', margin, estimate(d));
          expect(judged('own', 'lower', margin, estimate(d.map((x) => 0 - x)))).toEqual(given);
          found.add((given as { finding: unknown }).finding);
        },
      ),
      { seed: 20240501 },
    );
    expect([...found].sort()).toEqual(['broken', 'holds', 'inconclusive']);
  });
});

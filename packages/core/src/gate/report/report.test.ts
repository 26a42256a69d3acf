import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeMetrics } from '../kinds/metric/judge.ts';
import type { Measurement } from '../measurement.ts';
import { metricRules } from '@sluice/testing/metric-rules.ts';
import type { WrittenMetric } from '../kinds/metric/schema.ts';
import { renderReport } from '@sluice/testing/gate-report.ts';
import { describeResult } from './sentences.ts';
import type { MetricResult } from '../kinds/metric/verdict.ts';
import type { GateReport } from './gate-report.ts';

const value = (v: number): Measurement => ({ kind: 'value', value: v });

function judged(
  written: Partial<WrittenMetric>,
  candidate: Measurement | undefined,
  baseline?: number,
): MetricResult {
  const rule = { metric: 'auc', direction: 'higher' as const, ...written };
  const logged = new Map(candidate === undefined ? [] : [[rule.metric, candidate] as const]);
  const before = new Map(baseline === undefined ? [] : [[rule.metric, value(baseline)] as const]);
  const [result] = judgeMetrics(
    metricRules([rule]),
    { column: () => undefined, logged },
    baseline === undefined
      ? { kind: 'none' }
      : { kind: 'present', sample: { kind: 'absent' }, logged: { kind: 'same', value: before } },
  );
  return result as MetricResult;
}

const report = (results: readonly MetricResult[], part: Partial<GateReport> = {}): string =>
  renderReport({ results, ...part });

describe('sentences say what was found and what would pass', () => {
  test.each([
    [
      judged({ 'max-regression': 0.01 }, value(0.71), 0.731),
      'auc fell by 0.0210, from 0.7310 to 0.7100; the limit is 0.0100, so at least 0.7210 would pass.',
    ],
    [
      judged({ direction: 'lower', 'max-regression': 0.01 }, value(0.73), 0.7),
      'auc rose by 0.0300, from 0.7000 to 0.7300; the limit is 0.0100, so at most 0.7100 would pass.',
    ],
    [
      judged({ min: 0.7 }, value(0.6999999)),
      'auc is out of bounds: it is 0.6999999, and at least 0.7000000 is asked for.',
    ],
    [
      judged({ max: 80, direction: 'lower', name: 'speed', metric: 'p95' }, value(91)),
      'speed (p95) is out of bounds: it is 91.00, and at most 80.00 is asked for.',
    ],
    [judged({ 'max-improvement': 0.1 }, value(0.95), 0.7), /^auc rose by 0\.2500, .* look for a leak/],
    [judged({ min: 0.7 }, value(0.65), 0.6), /^auc breaks its limit as the baseline did, and is no worse/],
    [
      judged({ 'max-regression': 0.1 }, value(0.7)),
      'auc is 0.7000; there is nothing to compare it with yet.',
    ],
    [judged({ min: 0.5 }, undefined), /^auc: The candidate has no metric 'auc' \(it has no metric at all\)/],
    [judged({ 'max-regression': 0.1 }, value(0.7), 0.7), 'auc is 0.7000 (baseline 0.7000).'],
  ])('%#', (result, sentence) => {
    expect(describeResult(result)).toMatch(sentence);
  });
});

describe('renderReport', () => {
  test('the verdict comes first, then what was compared', () => {
    const text = report([judged({ 'max-regression': 0.01 }, value(0.71), 0.731)], {
      baseline: {
        source: 'champion',
        version: 'v1.0.0',
        commit: 'a'.repeat(40),
        'age-seconds': 7200,
        run: null,
        'commits-behind': null,
      },
      headCommit: 'b'.repeat(40),
    });
    expect(text.split('\n').slice(0, 6)).toEqual([
      '### `m` does not pass its gate',
      '',
      '**It failed.**',
      '',
      '1 check: 1 failed.  ',
      'Baseline `v1.0.0` (commit `aaaaaaa`, 2 hours old, from `champion`) → `bbbbbbb`.',
    ]);
  });

  test('what did not move is folded, ten rows are shown and the rest counted', () => {
    const same = judged({ 'max-regression': 0.01, name: 'same' }, value(0.7), 0.7);
    const worse = Array.from({ length: 12 }, (_, i) =>
      judged({ 'max-regression': 0.01, name: `worse-${i}` }, value(0.6), 0.7),
    );
    const [visible = '', folded = ''] = report([same, ...worse]).split('<details>');
    expect(visible.match(/\| \*\*fail\*\* \|/g)).toHaveLength(10);
    expect(visible).toContain('… and 2 more in the lists below.');
    expect(visible).not.toContain('| same (auc) |');
    expect(folded.match(/\| \*\*fail\*\* \|/g)).toHaveLength(12);
    expect(folded).toContain('| same (auc) |');
  });

  test('a value that fails is never shown as its limit', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 1e-15, max: 1e-3, noNaN: true }),
        (min, below) => {
          fc.pre(min - below < min);
          const row = report([judged({ min }, value(min - below))])
            .split('\n')
            .find((line) => line.startsWith('| auc'));
          const [, , , candidate, limit = ''] = (row ?? '').split('|').map((cell) => cell.trim());
          expect(limit).toMatch(/^at\u00a0least\u00a0-?[\d.]+$/);
          expect(candidate).not.toBe(limit.split('\u00a0')[2]);
        },
      ),
    );
  });

  test('a broken rule that only informs passes and says so', () => {
    expect(report([judged({ min: 0.9, severity: 'info' }, value(0.5), 0.5)])).toContain(
      'pass (for information)',
    );
  });

  test('says why there is no baseline', () => {
    expect(
      report([judged({ min: 0.5 }, value(0.7))], { tried: ['champion: nothing is live in production'] }),
    ).toContain('No baseline (champion: nothing is live in production)');
  });
});

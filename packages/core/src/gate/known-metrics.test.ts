import { expect, test } from '@jest/globals';
import { metricRules } from '@sluice/testing/metric-rules.ts';
import { judgeMetrics } from './kinds/metric/judge.ts';
import { knownBaselineMetrics, knownMetrics } from './known-metrics.ts';
import type { Measurement } from './measurement.ts';

const value = (v: number): Measurement => ({ kind: 'value', value: v });
const label = Float64Array.of(1, 1, 0, 0);
const candidate = {
  sample: { rows: 4, label, prediction: Float64Array.of(1, 0, 0, 0) },
  column: () => ['a', 'a', 'b', 'b'],
  logged: new Map([
    ['accuracy', value(0.1)],
    ['loss', value(2)],
  ]),
  modelBytes: 7,
};
const baseline = {
  kind: 'present',
  sample: { kind: 'same', value: { rows: 4, label, prediction: label } },
  logged: { kind: 'same', value: new Map([['loss', value(1)]]) },
} as const;
const results = judgeMetrics(
  metricRules([{ metric: 'accuracy', min: 0, slices: [{ by: 'group' }] }]),
  candidate,
  baseline,
);

test('what was computed on all rows goes over what was logged', () => {
  expect([...knownMetrics(candidate, results)]).toEqual([
    ['accuracy', value(0.75)],
    ['loss', value(2)],
    ['model-bytes', value(7)],
  ]);
});

test('of the baseline only what may be compared is known', () => {
  expect([...knownBaselineMetrics(baseline, results)]).toEqual([
    ['loss', value(1)],
    ['accuracy', value(1)],
  ]);
  const other = { ...baseline, logged: { kind: 'different', message: 'Other rows.' } } as const;
  expect([...knownBaselineMetrics(other, results).keys()]).toEqual(['accuracy']);
  expect(knownBaselineMetrics({ kind: 'none' }, []).size).toBe(0);
});

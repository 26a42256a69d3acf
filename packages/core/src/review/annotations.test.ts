import { expect, test } from '@jest/globals';
import { metricRules } from '@sluice/testing/metric-rules.ts';
import { judgeMetrics } from '../gate/kinds/metric/judge.ts';
import { annotationsOf } from './annotations.ts';

const rules = metricRules([
  { metric: 'accuracy', min: 0.9, slices: [{ by: 'group' }] },
  { metric: 'loss', max: 1, direction: 'lower' },
  { metric: 'missing', min: 1, direction: 'higher' },
]);
const results = judgeMetrics(
  rules,
  {
    sample: { rows: 4, label: Float64Array.of(1, 1, 0, 0), prediction: Float64Array.of(1, 0, 0, 1) },
    column: () => ['a', 'a', 'b', 'b'],
    logged: new Map([['loss', { kind: 'value', value: 0.5 }]]),
  },
  { kind: 'none' },
);
const lines = { path: 'model/sluice.yaml', lineOf: new Map(rules.map((rule, i) => [rule, 10 + i])) };

test('each rule that does not hold has one remark at its line, with how many results are like it', () => {
  expect(annotationsOf(results, lines)).toEqual([
    {
      path: 'model/sluice.yaml',
      line: 10,
      level: 'failure',
      title: 'fail: accuracy',
      message:
        'accuracy is out of bounds: it is 0.5000, and at least 0.9000 is asked for. And 2 more of this rule.',
    },
    expect.objectContaining({ line: 12, level: 'failure', title: 'error: missing' }),
  ]);
});

test('rules that are in no file have none', () => {
  expect(annotationsOf(results, undefined)).toEqual([]);
});

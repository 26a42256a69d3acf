import { expect, test } from '@jest/globals';
import type { StepRecord } from '../rollout/run.ts';
import { timelineSections } from './timeline.ts';

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
const step = (name: string, second: number, more: Partial<StepRecord> = {}): StepRecord => ({
  name,
  started: at(second),
  seconds: 1,
  verdict: 'pass',
  message: `${name} done`,
  ...more,
});
const verdicts = [
  {
    metric: 'errors',
    verdict: 'pass' as const,
    message: 'errors: 0 % of 812 requests.',
    candidate: { n: 812, value: 0 },
  },
  {
    metric: 'latency',
    verdict: 'fail' as const,
    message: 'latency: 40 % slower.',
    candidate: { n: 1_800, value: 9 },
  },
];

test('a rollout in steps is told by shares, samples and verdicts, and drawn', () => {
  const steps = [
    step('claim', 0),
    step('switch', 5, { weight: 5 }),
    step('bake', 7, { weight: 5, seconds: 600, verdicts }),
    step('switch-back', 608, { weight: 0 }),
  ];
  const text = timelineSections(steps, 'v2.0.0')
    .map(({ markdown }) => markdown)
    .join('');
  expect(text).toContain('| 0m07s | watched | 5 % | 1,800 | fail |');
  expect(text).toContain('- 0m07s fail: latency: 40 % slower.');
  expect(text).toContain('y-axis "percent" 0 --> 100');
  expect(text).toContain('line [5, 5, 0]');
});

test('one switch is no timeline', () => {
  expect(timelineSections([step('claim', 0), step('switch', 1, { weight: 100 })], 'v2.0.0')).toEqual([]);
  expect(timelineSections([], 'v2.0.0')).toEqual([]);
});

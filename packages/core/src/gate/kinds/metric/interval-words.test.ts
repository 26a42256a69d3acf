import { describe, expect, test } from '@jest/globals';
import { judgeMetrics } from './judge.ts';
import { metricRules } from '@sluice/testing/metric-rules.ts';
import type { WrittenMetric } from './schema.ts';
import type { Sample } from '../../sample.ts';
import { renderReport } from '@sluice/testing/gate-report.ts';
import { describeMetric } from './words.ts';
import type { MetricResult } from './verdict.ts';
import { metricEntry } from './entry.ts';

/** Right in every row but the first `wrong` ones. */
function model(rows: number, wrong: number): Sample {
  const label = Float64Array.from({ length: rows }, (_, i) => i % 2);
  return { rows, label, prediction: label.map((y, i) => (i < wrong ? 1 - y : y)), positive: '1' };
}

function judged(
  rule: Partial<WrittenMetric>,
  candidate: Sample,
  baseline: Sample,
  clusters?: readonly string[],
): MetricResult {
  const [result] = judgeMetrics(
    metricRules([{ metric: 'accuracy', ...rule }]),
    {
      sample: candidate,
      column: () => undefined,
      logged: new Map(),
      ...(clusters === undefined ? {} : { clusters }),
    },
    { kind: 'present', sample: { kind: 'same', value: baseline }, logged: { kind: 'absent' } },
  );
  return result as MetricResult;
}

const LIMIT = { 'max-regression': 0.02 };

describe('sentences about intervals', () => {
  test.each([
    [
      'what is shown',
      judged(LIMIT, model(1000, 60), model(1000, 0)),
      'accuracy fell by 0.0600, from 1.0000 to 0.9400; the change is 0.0469 to 0.0765 worse (95 % interval), and 0.0200 worse is allowed.',
    ],
    [
      'what is excluded',
      judged(LIMIT, model(10_000, 0), model(10_000, 10)),
      'accuracy is 1.0000 (baseline 0.9990); the change is 0.0005 to 0.0018 better (95 % interval).',
    ],
    [
      'what cannot be told, and what would settle it',
      judged(LIMIT, model(1000, 25), model(1000, 0)),
      'accuracy cannot be told: the change is 0.0170 to 0.0366 worse (95 % interval), and 0.0200 worse is allowed. There are 1,000 rows (0 now right, 25 now wrong), which show a change of 0.0140 or more. That many rows would let an equal model pass, so it is likely a little worse: improve it, or allow more.',
    ],
    [
      'that no number of rows shows equality',
      judged({ 'max-regression': 0, test: 'paired-t' }, model(100, 3), model(100, 0)),
      /standard deviation per row 0\.1714\), which show a change of 0\.0480 or more\. No number of rows shows/,
    ],
    [
      'that one row says nothing',
      judged({ metric: 'mae', ...LIMIT }, model(1, 1), model(1, 0)),
      'mae cannot be told: 1 row says nothing about chance. Evaluate on more rows.',
    ],
    [
      'how many clusters there are',
      judged(
        LIMIT,
        model(12, 2),
        model(12, 1),
        Array.from({ length: 12 }, (_, i) => String(i % 3)),
      ),
      /There are 12 rows in 3 clusters \(standard deviation/,
    ],
    [
      'that nothing changed',
      judged(LIMIT, model(10, 2), model(10, 2)),
      'accuracy is 0.8000 (baseline 0.8000); nothing changed.',
    ],
  ])('%s', (_, result, sentence) => {
    expect(describeMetric(result)).toMatch(sentence);
  });

  test('a break that may be chance among many slices is told as such', () => {
    const rows = 2000;
    const results = judgeMetrics(
      metricRules([{ metric: 'accuracy', 'max-regression': 0.02, slices: [{ by: 'group' }] }]),
      {
        sample: model(rows, 5),
        logged: new Map(),
        column: () => Array.from({ length: rows }, (_, i) => (i < 25 ? 'first' : String(i % 40))),
      },
      { kind: 'present', sample: { kind: 'same', value: model(rows, 0) }, logged: { kind: 'absent' } },
    );
    const first = results.find((r) => r.slice?.['group'] === 'first');
    expect(first?.verdict).toBe('inconclusive');
    expect(describeMetric(first as MetricResult)).toMatch(
      /^accuracy where group = first cannot be told: .* worse is allowed, but among this many rules and slices one looks like this by chance too often \(adjusted p = 0\.\d+, at most 0\.0250 counts\)\.$/,
    );
  });

  test('worse and better follow the direction of the metric', () => {
    const loss = judged({ metric: 'mae', ...LIMIT }, model(1000, 60), model(1000, 0));
    expect(describeMetric(loss)).toMatch(/^mae rose by .*; the change is 0\.0453 to 0\.0747 worse/);
  });
});

test('the report shows the interval, or that there is none', () => {
  const results = [
    judged(LIMIT, model(1000, 60), model(1000, 0)),
    judged({ ...LIMIT, compare: 'point', name: 'bare' }, model(1000, 60), model(1000, 0)),
  ];
  const text = renderReport({ results });
  expect(text).toContain('| −0.0765 to\u00a0−0.0469 |');
  expect(text).toContain('| no uncertainty known |');
});

test('result has every number of a comparison, unrounded', () => {
  const entry = metricEntry(judged(LIMIT, model(1000, 25), model(1000, 0)));
  expect(entry).toMatchObject({
    verdict: 'inconclusive',
    compare: 'paired',
    test: 'mcnemar',
    evidence: 'sampled',
    confidence: 0.95,
    n: 1000,
    discordant: { better: 0, worse: 25 },
    'n-required': 491,
    'p-value': expect.any(Number),
    'regression-p-value': expect.any(Number),
    'adjusted-p-value': expect.any(Number),
    'minimum-detectable-effect': expect.any(Number),
  });
  expect(entry.interval?.map((x) => x.toFixed(6))).toEqual(['-0.036645', '-0.016990']);
  const bare = metricEntry(judged({ ...LIMIT, compare: 'point' }, model(10, 1), model(10, 0)));
  expect(bare).toMatchObject({ compare: 'point' });
  expect(bare).not.toHaveProperty('interval');
});

import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { plainFolder } from '@sluice/testing/gate-project.ts';

// Each test runs the built action, which loads its data engine.
jest.setTimeout(60_000);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** Predictions that are wrong in the first `wrong` rows; every four rows are of one patient. */
function predictions(rows: number, wrong: number): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const label = i % 2;
    const prediction = i < wrong ? 1 - label : label;
    return `r${i},${label},${prediction},${0.2 + 0.6 * prediction},p${Math.floor(i / 4)},${i % 3 === 0 ? 'EWR' : 'JFK'}`;
  });
  return `id,label,prediction,score,patient,origin\n${lines.join('\n')}\n`;
}

interface Given {
  readonly rows?: number;
  readonly wrong: number;
  readonly rules: string;
  /** Lines under `gate:` of sluice.yaml. */
  readonly gate?: string;
  readonly columns?: string;
}

async function gate({ rows = 400, wrong, rules, gate: settings = '', columns }: Given): Promise<StepResult> {
  const { folder, remove } = await plainFolder({
    'new.csv': predictions(rows, wrong),
    'old.csv': predictions(rows, 4),
    'sluice.yaml': `version: 1\nmodel: m\ngate:\n  on-missing-baseline: fail\n${settings}`,
  });
  cleanups.push(remove);
  return runStep('evaluate-gate', {
    workspace: folder,
    inputs: {
      predictions: 'new.csv',
      'baseline-predictions': 'old.csv',
      rules,
      ...(columns === undefined ? {} : { columns }),
    },
  });
}

test('what the rows cannot tell is inconclusive, a warning, and says what would settle it', async () => {
  const step = await gate({ wrong: 9, rules: '- {metric: accuracy, max-regression: 0.01}' });
  expect(step).toMatchObject({
    code: 0,
    outputs: { decision: 'warn', 'reason-code': 'inconclusive', 'failed-rules': '[]' },
  });
  expect(step.result).toMatchObject({
    rules: [
      {
        verdict: 'inconclusive',
        test: 'mcnemar',
        confidence: 0.95,
        interval: [expect.any(Number), expect.any(Number)],
        discordant: { better: 0, worse: 5 },
        'minimum-detectable-effect': expect.any(Number),
        'n-required': expect.any(Number),
      },
    ],
    summary: { inconclusive: 1 },
  });
  expect(step.summary).toMatch(/0 now right, 5 now wrong.*About [\d,]+ rows would settle it/);
});

test.each([
  ['fail', 1, 'fail', 'inconclusive', '["accuracy"]'],
  ['pass', 0, 'pass', 'ok', '[]'],
])('on-inconclusive: %s', async (setting, code, decision, reason, failed) => {
  const rules = `- {metric: accuracy, max-regression: 0.01, on-inconclusive: ${setting}}`;
  expect(await gate({ wrong: 9, rules })).toMatchObject({
    code,
    outputs: { decision, 'reason-code': reason, 'failed-rules': failed },
  });
});

test('every way of comparing works through the action, also in slices', async () => {
  const rules = [
    '- {metric: accuracy, max-regression: 0.05, slices: [{by: origin}]}',
    '- {metric: auc, max-regression: 0.05}',
    '- {metric: brier, max-regression: 0.05}',
    '- {metric: f1, max-regression: 0.05}',
    '- {metric: recall, max-regression: 0.05, compare: point}',
  ].join('\n');
  const step = await gate({ wrong: 6, rules });
  expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass' } });
  const found = step.result['rules'] as Record<string, unknown>[];
  expect(found.map((r) => r['test'])).toEqual([
    'mcnemar',
    'mcnemar',
    'mcnemar',
    'delong',
    'paired-t',
    'bootstrap',
    undefined,
  ]);
  expect(found.map((r) => r['n'])).toEqual([400, 266, 134, 400, 400, 400, 400]);
  expect(step.summary).toContain('no uncertainty known');
});

test('rows of one cluster are not counted as independent', async () => {
  const rules = '- {metric: accuracy, max-regression: 0.05}';
  const plain = await gate({ wrong: 16, rules });
  const clustered = await gate({ wrong: 16, rules, columns: 'cluster: patient' });
  const rule = (step: StepResult): Record<string, unknown> =>
    (step.result['rules'] as Record<string, unknown>[])[0] ?? {};
  const width = (step: StepResult): number => {
    const [low, high] = rule(step)['interval'] as [number, number];
    return high - low;
  };
  expect(rule(clustered)).toMatchObject({ test: 'paired-t', clusters: 100 });
  expect(width(clustered)).toBeGreaterThan(1.3 * width(plain));
});

test('confidence and seed of sluice.yaml count', async () => {
  const step = await gate({
    wrong: 9,
    rules: '- {metric: f1, max-regression: 0.05}',
    gate: '  confidence: 0.8\n  seed: 3\n',
  });
  expect(step.result).toMatchObject({ rules: [{ confidence: 0.8, test: 'bootstrap' }] });
});

describe('bad input', () => {
  test.each<[string, string, Omit<Given, 'wrong'>, RegExp]>([
    [
      'a test that does not suit the metric',
      'bad-config',
      { rules: '- {metric: brier, test: mcnemar, max-regression: 0.1}' },
      /does not suit 'brier'. Allowed: auto, paired-t, bootstrap/,
    ],
    [
      'a test nobody knows',
      'bad-input',
      { rules: '- {metric: auc, test: wilcoxon, max-regression: 0.1}' },
      /test/,
    ],
    [
      'a test without clusters where there are some',
      'bad-config',
      { rules: '- {metric: auc, test: delong, max-regression: 0.1}', columns: 'cluster: patient' },
      /with columns\.cluster. Allowed: auto, bootstrap/,
    ],
    [
      'a cluster column that is not there',
      'unreadable-data',
      { rules: '- {metric: auc, max-regression: 0.1}', columns: 'cluster: ward' },
      /columns\.cluster is 'ward'.*no such column/,
    ],
    [
      'rows to compare where there are none',
      'bad-config',
      { rules: '- {metric: latency, direction: lower, compare: paired, max-regression: 0.1}' },
      /not computed from predictions/,
    ],
    [
      'a confidence above 1',
      'bad-config',
      { rules: '- {metric: auc, min: 0}', gate: '  confidence: 95\n' },
      /confidence/,
    ],
  ])('%s: %s', async (_, reason, given, message) => {
    const step = await gate({ wrong: 4, ...given });
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': reason } });
    expect(step.result['message']).toMatch(message);
  });
});

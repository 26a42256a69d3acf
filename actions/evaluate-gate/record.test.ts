import { expect, test } from '@jest/globals';
import { parseGateRecord } from '@sluice/core/baseline/gate-record.ts';
import type { Measurement } from '@sluice/core/gate/measurement.ts';
import { settleRules } from '@sluice/core/gate/settle.ts';
import { PLAIN } from '@sluice/core/gate/statistics/choice.ts';
import { gateRecord } from './record.ts';

test('a later gate reads what this one recorded, and rules as they were before they had kinds', async () => {
  const rules = await settleRules(
    [
      { cases: ['a'], must: 'stay-correct' },
      { metric: 'auc', min: 0.7 },
    ],
    { layout: PLAIN, readLines: () => Promise.resolve([]) },
  );
  const metrics = new Map<string, Measurement>([
    ['auc', { kind: 'value', value: 0.71 }],
    ['loss', { kind: 'problem', reason: 'not-a-number', message: 'It is NaN.' }],
  ]);
  const record = gateRecord(
    {
      candidate: {
        model: {
          sha256: 'a'.repeat(64),
          signingRoot: 'b'.repeat(64),
          kind: 'file' as const,
          bytes: 1,
          files: [],
        },
        predictionsFile: 'predictions.csv',
      },
      testSet: { digest: 'b'.repeat(64) },
      settings: { model: 'm', rules },
    },
    metrics,
  );
  const text = JSON.stringify(record);
  expect(parseGateRecord(text, 'gate.json')).toMatchObject({
    metrics: { auc: 0.71 },
    'test-set-digest': 'b'.repeat(64),
    predictions: 'predictions.csv',
  });
  const { rules: recorded } = JSON.parse(text) as { rules: object[] };
  expect(recorded.map((rule) => Object.keys(rule).slice(0, 2))).toEqual([
    ['id', 'metric'],
    ['id', 'cases'],
  ]);
});

import { expect, test } from '@jest/globals';
import { evidenceRows } from './rows.ts';
import { provenanceStatement, testResultStatement } from './statement.ts';

const MODEL = 'a'.repeat(64);
const DATA = 'd'.repeat(64);
const OTHER = 'b'.repeat(64);

const tested = (name: string, sha256: string, result: 'PASSED' | 'WARNED' | 'FAILED') =>
  testResultStatement([{ name, sha256 }], { result, configuration: [] });

test('each statement is a row: whose it is, what it says, and about what', () => {
  const training = provenanceStatement([{ name: 'model:m', sha256: MODEL }], {
    buildDefinition: {
      buildType: 'https://example.com/train',
      externalParameters: {},
      resolvedDependencies: [{ name: 'data/train.csv', digest: { sha256: DATA } }],
    },
    runDetails: { builder: { id: 'test' } },
  });
  const statements = [
    tested('model:m', MODEL, 'PASSED'),
    training,
    tested('data/train.csv', DATA, 'WARNED'),
    tested('model:m', OTHER, 'FAILED'),
  ];
  expect(evidenceRows(statements, MODEL)).toEqual([
    { action: 'evaluate-gate', verdict: 'passed', about: 'model' },
    { action: 'train', verdict: 'recorded', about: 'model' },
    { action: 'validate-data', verdict: 'warned', about: 'inputs' },
    { action: 'evaluate-gate', verdict: 'failed', about: 'other' },
  ]);
});

test('a failure that was accepted says by whom', () => {
  const accepted = testResultStatement([{ name: 'model:m', sha256: MODEL }], {
    result: 'WARNED',
    configuration: [],
    acknowledged: {
      by: 'ada',
      at: '2026-01-02T03:04:05Z',
      label: 'sluice:accept',
      numbers: 'f'.repeat(64),
      'pull-request': 7,
    },
  });
  expect(evidenceRows([accepted], MODEL)[0]?.verdict).toBe(
    'failed, accepted by ada on 2026-01-02 (pull request 7)',
  );
});

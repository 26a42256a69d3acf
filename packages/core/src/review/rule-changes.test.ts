import { describe, expect, test } from '@jest/globals';
import type { Config } from '../config/schema.ts';
import { describeChange } from '../gate/changed-rules.ts';
import { configChanges, fileChanges, type JudgingFiles } from './rule-changes.ts';

const config: Config = {
  version: 1,
  model: 'flights',
  data: { test: ['data/test.csv'] },
  gate: {
    evaluate: 'python evaluate.py',
    comment: 'always',
    rules: [
      { metric: 'auc', 'max-regression': 0.01 },
      { metric: 'auc', min: 0.7 },
    ],
  },
};
const words = (after: Config, inputs: readonly string[] = []): string[] =>
  configChanges(config, after, new Set(inputs)).map(describeChange);

describe('sluice.yaml', () => {
  test('that says the same changes nothing, and neither does when to comment', () => {
    expect(words({ ...config, gate: { ...config.gate, comment: 'never' } })).toEqual([]);
  });

  test('that says otherwise changes each rule and setting that decides', () => {
    expect(
      words({
        version: 1,
        model: 'flights2',
        data: { test: ['data/small.csv'] },
        train: { metrics: 'm.json' },
        gate: {
          evaluate: 'python easy.py',
          'check-name': 'Sluice: flights',
          rules: [{ metric: 'auc', 'max-regression': 0.5 }],
        },
      }),
    ).toEqual([
      'auc max-regression 0.01 → 0.5',
      'auc-2 is gone {metric: auc, min: 0.7}',
      'model flights → flights2',
      'data.test [data/test.csv] → [data/small.csv]',
      'train.metrics not set → m.json',
      'gate.evaluate python evaluate.py → python easy.py',
      'gate.check-name not set → Sluice: flights',
    ]);
  });

  test('does not count where an input takes its place', () => {
    const after: Config = { version: 1, model: 'other', gate: { evaluate: 'x', rules: [] } };
    expect(words(after, ['model', 'evaluate', 'rules', 'data'])).toEqual([]);
  });
});

describe('files', () => {
  const files: JudgingFiles = {
    base: 'ml',
    testData: ['data/test/*.csv', 'raw/flights.parquet'],
    evaluate: 'python "./score it.py" --model {model-path} --quiet',
    rules: [{ cases: 'tests/golden.txt', must: 'stay-correct' }],
    workflow: '.github/workflows/gate.yml',
  };
  test.each([
    ['ml/data/test/a.csv', 'the test set'],
    ['ml/data/test/b.csv', 'the test set'],
    ['ml/raw/flights.parquet', 'the test set'],
    ['ml/raw/flights.parquet.dvc', 'the test set'],
    ['ml/raw.dvc', 'the test set'],
    ['ml/tests/golden.txt', 'cases of a rule'],
    ['ml/score it.py', 'what gate.evaluate runs'],
    ['.github/workflows/gate.yml', 'the workflow, which gives the inputs'],
  ])('%s is %s', (of, setting) => {
    expect(fileChanges([of], files)).toEqual([{ kind: 'file', of, setting, before: null, after: null }]);
  });

  test('that take no part are left out', () => {
    const others = [
      'data/test/a.csv',
      'ml/data/train/a.csv',
      'ml/raw/x.dvc',
      'ml/train.py',
      'sluice.lock.yaml',
    ];
    expect(fileChanges([...others, 'ml/sluice.lock.yaml'], files)).toEqual([]);
  });

  test('that pin data in S3 count where the test set is there', () => {
    const pinned = { ...files, testData: ['s3://bucket/test.csv'] };
    expect(fileChanges(['ml/sluice.lock.yaml'], pinned).map(describeChange)).toEqual([
      'ml/sluice.lock.yaml (pins the test set)',
    ]);
  });
});

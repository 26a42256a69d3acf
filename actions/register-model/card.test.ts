import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { ROOT } from '@sluice/testing/action.ts';
import { modelCard, type CardFacts } from './card.ts';

/** What huggingface_hub reads from cards, one a line of JSON. */
const READ = `
import json, sys
from huggingface_hub import ModelCard
for text in json.load(sys.stdin):
    data = ModelCard(text).data
    results = [{"metric": r.metric_type, "value": r.metric_value, "task": r.task_type, "revision": r.dataset_revision} for r in data.eval_results or []]
    print(json.dumps({"name": data.model_name, "license": data.license, "tags": data.tags, "task": data.pipeline_tag, "results": results}))
`;

function readByHub(cards: readonly string[]): unknown[] {
  const python = path.join(ROOT, '.venv/bin/python');
  const out = execFileSync(python, ['-c', READ], { input: JSON.stringify(cards), encoding: 'utf8' });
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

const FACTS: CardFacts = {
  model: 'flight-delay',
  said: {
    'intended-use': 'Planning, **not** safety.',
    limitations: 'Only domestic flights.',
    license: 'apache-2.0',
    task: 'tabular-classification',
    tags: ['flights', 'no'],
  },
  metrics: { auc: 0.75, 'log-loss': 1e-7, n: 12 },
  testSet: 'e'.repeat(64),
  making: { data: { 'data/train.csv': `sha256:${'d'.repeat(64)}` }, parameters: {}, environment: {} },
  evidence: [{ action: 'evaluate-gate', verdict: 'passed', about: 'model' }],
  modelDigest: 'a'.repeat(64),
  passportDigest: 'b'.repeat(64),
  commit: 'c'.repeat(40),
  run: 'https://github.com/acme/flights/actions/runs/1/attempts/1',
};

test('a card tells the Hub and people what the model is for, how good it is, and what it was made from', () => {
  const card = modelCard(FACTS);
  expect(card).toContain('## Intended use\n\nPlanning, **not** safety.');
  expect(card).toContain('## Limitations\n\nOnly domestic flights.');
  expect(card).toContain('`data/train.csv`');
  const revision = `sha256:${'e'.repeat(64)}`;
  const result = { task: 'tabular-classification', revision };
  expect(readByHub([card])).toEqual([
    {
      name: 'flight-delay',
      license: 'apache-2.0',
      tags: ['flights', 'no'],
      task: 'tabular-classification',
      results: [
        { metric: 'auc', value: 0.75, ...result },
        { metric: 'log-loss', value: 1e-7, ...result },
        { metric: 'n', value: 12, ...result },
      ],
    },
  ]);
});

test('a card that knows nothing says so', () => {
  const card = modelCard({ ...FACTS, said: {}, metrics: {}, making: undefined, testSet: undefined });
  for (const text of [
    'use\n\nNot stated.',
    'Limitations\n\nNot stated.',
    'None was recorded.',
    'Not recorded.',
  ])
    expect(card).toContain(text);
  expect(readByHub([card])).toEqual([
    { name: 'flight-delay', license: null, tags: null, task: null, results: [] },
  ]);
});

test('whatever is said and measured, the Hub reads it as it is', () => {
  const text = fc.oneof(
    fc.string({ minLength: 1, maxLength: 20 }),
    fc.constantFrom('---', 'a\n---\nb', 'no', '1e5', '"', "it's", ': x', '# y', '\u2028', '日本'),
  );
  const facts = fc.record({
    license: text,
    tags: fc.array(text, { minLength: 1, maxLength: 3 }),
    metric: text,
    value: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => value !== 0),
  });
  const given = fc.sample(facts, { numRuns: 300, seed: 7 });
  const cards = given.map(({ license, tags, metric, value }) =>
    modelCard({ ...FACTS, said: { license, tags }, metrics: { [metric]: value } }),
  );
  expect(readByHub(cards)).toMatchObject(
    given.map(({ license, tags, metric, value }) => ({
      license,
      tags: [...new Set(tags)],
      results: [{ metric, value: value }],
    })),
  );
});

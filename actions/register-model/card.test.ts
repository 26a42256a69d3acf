import { expect, test } from '@jest/globals';
import { modelCard, type CardFacts } from './card.ts';

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

test('a card tells people what the model is for, how good it is, and what it was made from', () => {
  const card = modelCard(FACTS);
  expect(card).toContain('## Intended use\n\nPlanning, **not** safety.');
  expect(card).toContain('## Limitations\n\nOnly domestic flights.');
  expect(card).toContain('`data/train.csv`');
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
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { modelCard, type CardFacts } from '../../actions/register-model/card.ts';
import { askPython } from './python.ts';

/** What huggingface_hub reads from cards. */
const readByHub = (cards: readonly string[]): Promise<unknown[]> => askPython('model_cards.py', cards);

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

test('the Hub reads what the model is for, how good it is, and what it was made from', async () => {
  const card = modelCard(FACTS);
  const revision = `sha256:${'e'.repeat(64)}`;
  const result = { task: 'tabular-classification', revision };
  expect(await readByHub([card])).toEqual([
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

test('a card that knows nothing has a name and no results', async () => {
  const card = modelCard({ ...FACTS, said: {}, metrics: {}, making: undefined, testSet: undefined });
  expect(await readByHub([card])).toEqual([
    { name: 'flight-delay', license: null, tags: null, task: null, results: [] },
  ]);
});

test('whatever is said and measured, the Hub reads it as it is', async () => {
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
  expect(await readByHub(cards)).toMatchObject(
    given.map(({ license, tags, metric, value }) => ({
      license,
      tags: [...new Set(tags)],
      results: [{ metric, value: value }],
    })),
  );
});

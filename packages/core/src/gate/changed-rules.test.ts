import { describe, expect, test } from '@jest/globals';
import { changedRules, changedSettings, describeChange } from './changed-rules.ts';

type Rules = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
const words = (before: Rules, after: Rules): string[] =>
  changedRules(new Map(Object.entries(before)), new Map(Object.entries(after))).map(describeChange);
const auc = { metric: 'auc', min: 0.7, 'max-regression': 0.01 };

describe('of rules', () => {
  test.each<[string, Rules, Rules, string[]]>([
    ['the same', { auc }, { auc: { 'max-regression': 0.01, min: 0.7, metric: 'auc' } }, []],
    ['another limit', { auc }, { auc: { ...auc, 'max-regression': 0.5 } }, ['auc max-regression 0.01 → 0.5']],
    ['a limit less', { auc }, { auc: { metric: 'auc', min: 0.7 } }, ['auc max-regression 0.01 → not set']],
    ['a setting more', { auc }, { auc: { ...auc, severity: 'info' } }, ['auc severity not set → info']],
    ['a rule less', { auc }, {}, ['auc is gone {max-regression: 0.01, metric: auc, min: 0.7}']],
    ['a rule more', {}, { f1: { metric: 'f1', min: 0 } }, ['f1 is new {metric: f1, min: 0}']],
    [
      'a value in parts',
      { auc: { metric: 'auc', 'max-regression': { abs: 0.1, rel: '2%' } } },
      { auc: { metric: 'auc', 'max-regression': { rel: '3%', abs: 0.1 } } },
      ['auc max-regression {abs: 0.1, rel: 2%} → {abs: 0.1, rel: 3%}'],
    ],
    [
      'the same value in parts',
      { auc: { metric: 'auc', 'max-regression': { abs: 0.1, rel: '2%' } } },
      { auc: { metric: 'auc', 'max-regression': { rel: '2%', abs: 0.1 } } },
      [],
    ],
  ])('%s', (_, before, after, said) => {
    expect(words(before, after)).toEqual(said);
  });
});

test('of settings, with what was not set', () => {
  const changes = changedSettings(
    { 'gate.evaluate': 'python a.py', 'gate.confidence': 0.95, model: 'm' },
    { 'gate.evaluate': 'python b.py', model: 'm', 'gate.budget': { evaluations: 9 } },
  );
  expect(changes.map(describeChange)).toEqual([
    'gate.evaluate python a.py → python b.py',
    'gate.confidence 0.95 → not set',
    'gate.budget not set → {evaluations: 9}',
  ]);
});

test('a long value is cut in words, and whole in the change', () => {
  const [change] = changedSettings({}, { 'gate.evaluate': '😀'.repeat(500) });
  expect(change?.after).toHaveLength(1000);
  expect(change === undefined ? '' : describeChange(change)).toBe(
    `gate.evaluate not set → ${'😀'.repeat(119)}…`,
  );
});

import { describe, expect, test } from '@jest/globals';
import { metricRules } from '@sluice/testing/metric-rules.ts';
import { gateVerdict } from '../gate-verdict.ts';
import type { WrittenMetric } from '../kinds/metric/schema.ts';
import { judgeMetrics } from '../kinds/metric/judge.ts';
import type { MetricResult } from '../kinds/metric/verdict.ts';
import { acknowledgeFailures } from '../acknowledge.ts';
import type { Budget } from './budget-words.ts';
import { verdictSentence, type VerdictFacts } from './verdict-sentence.ts';

/** Rules on one logged value of each metric. */
function judged(rules: readonly WrittenMetric[], value: number): MetricResult[] {
  const logged = new Map(rules.map(({ metric }) => [metric, { kind: 'value', value }] as const));
  const known = {
    kind: 'present',
    sample: { kind: 'absent' },
    logged: { kind: 'same', value: logged },
  } as const;
  return judgeMetrics(metricRules(rules), { column: () => undefined, logged }, known);
}

const floor = (metric: string, min: number, severity: 'fail' | 'warn' | 'info' = 'fail'): WrittenMetric => ({
  metric,
  direction: 'higher',
  min,
  severity,
});

function sentence(results: readonly MetricResult[], facts: Partial<VerdictFacts> = {}): string {
  const verdict = gateVerdict(results, true, 'absolute-only');
  const none = { tried: [], never: undefined, aside: undefined, budget: undefined, accepted: undefined };
  return verdictSentence({ verdict, results, ...none, ...facts });
}

const budget: Budget = {
  evaluations: 2,
  use: { kind: 'counted', position: 3, used: 3, isUsedUp: false },
  confidence: 0.95,
  mostCounted: 1000,
};

describe('the sentence of a verdict', () => {
  test('counts what holds', () => {
    expect(sentence(judged([floor('a', 0.1)], 0.5))).toBe('The one check holds.');
    expect(sentence(judged([floor('a', 0.1), floor('b', 0.1)], 0.5))).toBe('All 2 checks hold.');
  });

  test('says what only informs', () => {
    const rules = [floor('a', 0.1), floor('b', 0.9, 'info')];
    expect(sentence(judged(rules, 0.5))).toBe('The one check holds. 1 that only informs does not.');
  });

  test('tells what decided and how many are like it', () => {
    // The baseline has the same value, so that a limit alone is a matter of before.
    const results = judged([floor('a', 0.9), floor('b', 0.9), floor('c', 0.1)], 0.5);
    expect(sentence(results)).toMatch(/^a breaks its limit as the baseline did, .* And 1 more\.$/);
  });

  test('says why there is no baseline where one is asked for', () => {
    const results = judged([floor('a', 0.1)], 0.5);
    const verdict = gateVerdict(results, false, 'fail');
    expect(sentence(results, { verdict, tried: ['champion: none', 'latest: none'] })).toBe(
      'There is no baseline to compare with: champion: none; latest: none.',
    );
    expect(sentence(results, { verdict: gateVerdict(results, false, 'absolute-only') })).toBe(
      'Every absolute limit holds; there is no baseline yet.',
    );
  });

  describe('of a first model', () => {
    const first = (rules: readonly WrittenMetric[]): MetricResult[] => {
      const logged = new Map(rules.map(({ metric }) => [metric, { kind: 'value', value: 0.5 }] as const));
      return judgeMetrics(metricRules(rules), { column: () => undefined, logged }, { kind: 'none' });
    };
    const drop = (metric: string): WrittenMetric => ({ metric, direction: 'higher', 'max-regression': 0.1 });

    test('says that no rule was judged where none has a limit of its own', () => {
      const results = first([drop('a')]);
      const verdict = gateVerdict(results, false, 'absolute-only');
      expect(verdict).toEqual({ decision: 'warn', reason: 'new-baseline' });
      expect(sentence(results, { verdict })).toMatch(/^No rule was judged, .* Add a limit that needs none/);
      expect(sentence(results, { verdict, aside: 'Other rows.' })).toBe(
        'No rule was judged; a is not compared with the baseline. Other rows.',
      );
      const judged = first([drop('a'), floor('b', 0.1)]);
      expect(gateVerdict(judged, false, 'absolute-only')).toEqual({
        decision: 'pass',
        reason: 'new-baseline',
      });
    });

    test('says what waits for a baseline that never comes, and warns of nothing else', () => {
      const results = first([floor('c', 0.1), { ...drop('a'), min: 0.1 }, drop('b')]);
      const verdict = gateVerdict(results, false, 'absolute-only', 'Nobody registers.');
      expect(verdict).toEqual({ decision: 'warn', reason: 'no-baseline' });
      expect(sentence(results, { verdict, never: 'Nobody registers.' })).toBe(
        'a, b are to be compared with a baseline, and none can ever be found here. Nobody registers.',
      );
      const alone = first([floor('c', 0.1)]);
      expect(gateVerdict(alone, false, 'absolute-only', 'Nobody registers.')).toMatchObject({
        decision: 'pass',
      });
    });

    test('says what was not compared where the baseline is set aside', () => {
      const results = first([floor('a', 0.1), drop('b')]);
      const verdict = gateVerdict(results, true, 'absolute-only');
      expect(sentence(results, { verdict, aside: 'Other rows.' })).toBe(
        'Every other limit holds; b is not compared with the baseline. Other rows.',
      );
    });
  });

  test('is about the budget where nothing but the budget decided', () => {
    const results = judged([floor('a', 0.1)], 0.5);
    const spent = { decision: 'warn', reason: 'budget-spent' } as const;
    expect(sentence(results, { verdict: spent, budget })).toBe(
      'This test set has judged 3 models, and its budget is 2.',
    );
  });

  test('says who accepted what', () => {
    const rules = metricRules([floor('a', 0.9), floor('b', 0.9)]);
    const logged = new Map(rules.map(({ metric }) => [metric, { kind: 'value', value: 0.5 }] as const));
    const failing = judgeMetrics(rules, { column: () => undefined, logged }, { kind: 'none' });
    const accepted = { by: 'octocat', on: '2026-01-02 03:04 UTC' };
    expect(sentence(acknowledgeFailures(failing), { accepted })).toBe(
      'octocat accepted on 2026-01-02 03:04 UTC that a is out of bounds: it is 0.5000, and at least 0.9000 is asked for. And 1 more.',
    );
  });
});

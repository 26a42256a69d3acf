import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { acknowledgeFailures, verdictDigest } from './acknowledge.ts';
import { judgeMetrics } from './kinds/metric/judge.ts';
import { metricRules } from '@sluice/testing/metric-rules.ts';
import type { WrittenMetric } from './kinds/metric/schema.ts';
import { decisiveCheck, type MetricResult } from './kinds/metric/verdict.ts';
import { effectOf, gateVerdict } from './gate-verdict.ts';

/** Rules about logged metrics, judged against a baseline. */
function judged(rules: readonly WrittenMetric[], candidate: number, baseline = 0.9): MetricResult[] {
  const logged = new Map(rules.map(({ metric }) => [metric, { kind: 'value', value: candidate }] as const));
  const before = new Map(rules.map(({ metric }) => [metric, { kind: 'value', value: baseline }] as const));
  return judgeMetrics(
    metricRules(rules),
    { column: () => undefined, logged },
    { kind: 'present', sample: { kind: 'absent' }, logged: { kind: 'same', value: before } },
  );
}

const failing: WrittenMetric = { metric: 'a', direction: 'higher', min: 0.8 };
const holding: WrittenMetric = { metric: 'b', direction: 'higher', min: 0.1 };
const warning: WrittenMetric = { metric: 'c', direction: 'higher', min: 0.8, severity: 'warn' };

describe('verdictDigest', () => {
  const digest = (rules: readonly WrittenMetric[], candidate = 0.5, baseline = 0.9): string =>
    verdictDigest(judged(rules, candidate, baseline));

  test('depends on every number of what fails', () => {
    const known = digest([failing]);
    expect(known).toMatch(/^[0-9a-f]{16}$/);
    expect(digest([failing])).toBe(known);
    const others = [
      digest([failing], 0.5 + Number.EPSILON),
      digest([failing], 0.5, 0.91),
      digest([{ ...failing, min: 0.81 }]),
      digest([{ ...failing, name: 'x' }]),
      digest([failing, { ...failing, metric: 'd' }]),
    ];
    expect(new Set([known, ...others]).size).toBe(6);
  });

  test('depends on nothing that holds or only warns, nor on the order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([holding, warning]), fc.boolean(), (others, isFirst) => {
        const two = [failing, { ...failing, metric: 'd' }];
        const rules = isFirst ? [...others, ...two] : [...two.reverse(), ...others];
        expect(digest(rules)).toBe(digest([failing, { ...failing, metric: 'd' }]));
      }),
    );
  });
});

describe('an acknowledged failure', () => {
  const results = judged([failing, warning, holding], 0.5);
  const accepted = acknowledgeFailures(results);

  test('is what failed and nothing else', () => {
    expect(accepted.map(({ verdict }) => verdict)).toEqual(['acknowledged', 'warn', 'pass']);
    expect(accepted.map(effectOf)).toEqual(['warn', 'warn', 'pass']);
    expect(decisiveCheck(accepted[0] as MetricResult)).toEqual(decisiveCheck(results[0] as MetricResult));
  });

  test('decides the gate before what only warns, and never before an error', () => {
    expect(gateVerdict(accepted, true, 'absolute-only')).toMatchObject({
      decision: 'warn',
      reason: 'acknowledged',
      decisive: { id: 'a' },
    });
    const missing = judgeMetrics(
      metricRules([failing]),
      { column: () => undefined, logged: new Map() },
      { kind: 'none' },
    );
    const withError = acknowledgeFailures([...results, ...missing]);
    expect(gateVerdict(withError, true, 'absolute-only').decision).toBe('error');
  });

  test('does not make up for a baseline that has to be there', () => {
    expect(gateVerdict(accepted, false, 'fail')).toMatchObject({ decision: 'fail', reason: 'no-baseline' });
  });

  test('may be one that the rows cannot tell and the rule lets fail', () => {
    const [result] = results as [MetricResult];
    const inconclusive: MetricResult = {
      ...result,
      rule: { ...result.rule, onInconclusive: 'fail' },
      verdict: 'inconclusive',
      checks: [{ kind: 'max-regression', found: 'inconclusive', bound: 0.8, allowed: 0.1 }],
    };
    const [acknowledged] = acknowledgeFailures([inconclusive]) as [MetricResult];
    expect(acknowledged.verdict).toBe('acknowledged');
    expect(decisiveCheck(acknowledged)?.found).toBe('inconclusive');
  });
});

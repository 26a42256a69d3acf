import type { Doubt } from './doubt.ts';
import { effectOf, rulesLeftOpen } from './gate-verdict.ts';
import { judge } from './judge.ts';
import { rowOf, type AnyResult, type AnyRule } from './kinds/index.ts';
import type { Models } from './kinds/kind.ts';
import type { MeasuredBaseline } from './measured-models.ts';
import { whySetAside, type OnDifferentTestSet } from './set-aside.ts';

const DIFFERENT = { kind: 'different', message: '' } as const;
const ELSEWHERE: MeasuredBaseline = { kind: 'present', sample: DIFFERENT, logged: DIFFERENT };

/** Whether rules could not judge this model where it is not known that the baseline's numbers are about the same test set. */
export function needTestSet(rules: readonly AnyRule[], models: Omit<Models, 'baseline'>): boolean {
  return judge(rules, { ...models, baseline: ELSEWHERE }).some(
    (result) => effectOf(result) === 'error' && rowOf(result.kind).reasonOf(result) === 'different-test-set',
  );
}

/** The doubt that no later model can be compared with this one. */
export const UNKNOWN_TEST_SET: Doubt = {
  reason: 'unknown-test-set',
  sentence:
    "No test set is named, so the next model cannot be compared with this one: its gate will ask whether both were measured on the same rows. Set data.test in sluice.yaml (or the input 'data') to the files that the numbers are about, before a version is registered.",
};

/** The doubt that rules were not compared with a baseline of another test set, where the team wants to be warned of that. */
export function differentTestSet(
  baseline: MeasuredBaseline,
  policy: OnDifferentTestSet,
  results: readonly AnyResult[],
): Doubt | undefined {
  const [why, open] = [whySetAside(baseline), rulesLeftOpen(results)];
  if (policy !== 'warn' || why === undefined || open === undefined) return undefined;
  return { reason: 'different-test-set', sentence: `${open} not compared with the baseline. ${why}` };
}

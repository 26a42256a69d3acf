import { placeOf, type TestSetUse } from '../../test-set-use.ts';
import type { ConditionFinding, ConditionResult, ConditionRule } from './settle.ts';
import { verdictOfCondition } from './judge.ts';

/** Whether a condition accepted the model whose test set has to be replaced after that. */
export function usesTestSetUp({ rule, condition }: ConditionResult): boolean {
  return rule.adaptivity === 'first-change' && condition.found === 'accepted';
}

/**
 * What a condition comes to when it is known how often the test set was used. Its reliability is about the first `steps`
 * models, with `first-change` about those up to the first that was accepted. For another model nothing is known, so it is an
 * error in either mode. A dry run is not counted and hence no pass.
 */
export function withUse(result: ConditionResult, use: TestSetUse): ConditionResult {
  const { rule, condition } = result;
  if (condition.found === 'error') return result;
  const finding = problemOf(rule, use) ?? uncountedIf(use.kind === 'uncounted', condition);
  return { ...result, condition: finding, verdict: verdictOfCondition(finding, rule) };
}

function uncountedIf(isUncounted: boolean, finding: ConditionFinding): ConditionFinding {
  return isUncounted && finding.found === 'accepted' ? { ...finding, counted: false } : finding;
}

function problemOf({ steps, adaptivity }: ConditionRule, use: TestSetUse): ConditionFinding | undefined {
  const models = steps === 1 ? '1 model' : `${steps} models`;
  if ((placeOf(use) ?? 0) > steps) {
    return {
      found: 'error',
      reason: 'budget-spent',
      message: `its reliability is for ${models}, and this test set has judged as many before this one. Collect a fresh test set`,
    };
  }
  if (adaptivity === 'first-change' && use.isUsedUp) {
    return {
      found: 'error',
      reason: 'budget-spent',
      message:
        'with adaptivity first-change its reliability ends with the first model that is accepted, and this test set has accepted one before this one. Collect a fresh test set',
    };
  }
  if (use.kind === 'counted' || use.dryRun) return undefined;
  return {
    found: 'error',
    reason: 'budget-uncounted',
    message: `its reliability is for ${models}, and this one could not be counted: ${use.why}`,
  };
}

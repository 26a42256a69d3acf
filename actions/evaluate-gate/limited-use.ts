import type { ActionContext } from '@sluice/core/action/context.ts';
import type { ConditionResult } from '@sluice/core/gate/kinds/condition/settle.ts';
import { judgeConditions } from '@sluice/core/gate/kinds/condition/judge.ts';
import { usesTestSetUp, withUse } from '@sluice/core/gate/kinds/condition/with-use.ts';
import type { BaselineEvidence } from '@sluice/core/gate/kinds/metric/judge.ts';
import { budgetOf, type Budget } from './budget.ts';
import type { Candidate } from '@sluice/core/measuring/candidate.ts';
import type { GateSettings } from './inputs.ts';
import { countUse } from './test-set-use.ts';

interface UseRequest {
  readonly context: ActionContext;
  readonly settings: GateSettings;
  /** Digest of the test set. */
  readonly testSet: string | undefined;
  readonly candidate: Candidate;
  readonly baseline: BaselineEvidence;
}

/** What depends on how often the test set was used. Counts this use, so it comes after everything that may fail. */
export async function judgeLimitedUse(
  request: UseRequest,
): Promise<{ readonly conditions: ConditionResult[]; readonly budget: Budget | undefined }> {
  const { settings, candidate, baseline } = request;
  const drafts = judgeConditions(settings.rules.conditions, candidate.predictions ?? {}, baseline);
  const use = await countUse({ ...request, isAccepted: usesTestSetUp(drafts) });
  return {
    conditions: use === undefined ? drafts : drafts.map((draft) => withUse(draft, use)),
    budget: budgetOf(settings, use),
  };
}

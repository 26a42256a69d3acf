import { budgetProblem, sharedConfidence } from '../budget.ts';
import type { GateVerdict } from '../gate-verdict.ts';
import { placeOf, type TestSetUse } from '../test-set-use.ts';
import type { GateResult } from './result.ts';

/** The budget of a test set and what is left of it. */
export interface Budget {
  /** Models that the test set may judge. */
  readonly evaluations: number;
  readonly use: TestSetUse;
  /** Level of the gate's intervals. */
  readonly confidence: number;
  /** More models than this are not counted. */
  readonly mostCounted: number;
}

/** One sentence on how much of the budget is used and, where it is spent, what that means. Plain text. */
export function describeBudget(budget: Budget): {
  readonly sentence: string;
  readonly advice?: string;
} {
  const { evaluations, use, confidence } = budget;
  const judged = judgedText(budget);
  const problem = budgetProblem(evaluations, use);
  if (problem === 'budget-spent') {
    const place = placeOf(use) ?? evaluations + 1;
    const level = Number((sharedConfidence(confidence, place) * 100).toPrecision(6));
    return {
      sentence: judged,
      advice: `Whoever tries this many models on the same rows finds one that suits these rows by chance, and that it passed says less and less about others. Collect a fresh test set. Until then a gate.confidence of ${level / 100} would make up for the number of models, but not for models that were chosen by earlier verdicts.`,
    };
  }
  if (use.kind === 'counted') return { sentence: judged };
  return { sentence: `${judged} This model was not counted: ${use.why}` };
}

/** Whether the budget, and no rule, made the verdict what it is. */
export function isAboutBudget({ reason, decisive }: GateVerdict): boolean {
  return decisive === undefined && (reason === 'budget-spent' || reason === 'budget-uncounted');
}

/** What the report says of the budget beside the verdict's own sentence. */
export function budgetNotes(budget: Budget | undefined, verdict: GateVerdict): string[] {
  if (budget === undefined) return [];
  const { sentence, advice } = describeBudget(budget);
  return [...(isAboutBudget(verdict) ? [] : [sentence]), ...(advice === undefined ? [] : [advice])];
}

function judgedText({ evaluations, use, mostCounted }: Budget): string {
  const { used } = use;
  if (used === undefined) return 'It is not known how many models this test set has judged.';
  const count = used > mostCounted ? `more than ${mostCounted}` : String(used);
  const models = evaluations === 1 ? 'model' : 'models';
  if (used > evaluations)
    return `This test set has judged ${count} models, and its budget is ${evaluations}.`;
  return `This test set has judged ${count} of ${evaluations} ${models}.`;
}

/** The budget as `result` has it. */
export function budgetEntry(budget: Budget | undefined): GateResult['budget'] {
  if (budget === undefined) return null;
  const { evaluations, use } = budget;
  return { evaluations, used: use.used ?? null, counted: use.kind === 'counted' };
}

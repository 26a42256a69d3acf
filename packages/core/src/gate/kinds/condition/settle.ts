import { UserError } from '../../../action/errors.ts';
import type { MetricProblem } from '../../measurement.ts';
import type { Layout } from '../../statistics/choice.ts';
import type { RuleResult, SettledRule } from '../kind.ts';
import type { Clause, Condition } from './language.ts';
import { parseCondition } from './parse.ts';
import type { Assurance, RequiredRows } from './sample-size.ts';
import type { WrittenCondition } from './schema.ts';
import { canComeOut, type Mode, type Truth } from './truth.ts';

/** A condition that must hold with a reliability, over all models that the test set judges. */
export interface ConditionRule extends SettledRule<'condition'>, Assurance {
  readonly condition: Condition;
  readonly mode: Mode;
}

/** Why a condition could not be judged. */
export type ConditionProblem =
  MetricProblem | 'different-test-set' | 'too-few-rows' | 'budget-spent' | 'budget-uncounted';

/** One clause on the rows at hand; without `truth` where it needs a baseline and there is none. */
export interface ClauseFinding {
  readonly clause: Clause;
  readonly required: RequiredRows;
  readonly measured?: { readonly estimate: number; readonly truth: Truth };
}

/** What a condition came to. */
export type ConditionFinding =
  | { readonly found: 'error'; readonly reason: ConditionProblem; readonly message: string }
  /** There is no baseline, and what needs none does not reject. */
  | { readonly found: 'first' }
  | { readonly found: 'rejected'; readonly truth: Truth }
  | {
      readonly found: 'accepted';
      readonly truth: Truth;
      /** Whether the model is among those that the reliability is about; not in a dry run. */
      readonly counted: boolean;
    };

/** A condition with what was found. */
export interface ConditionResult extends RuleResult<'condition'> {
  readonly rule: ConditionRule;
  readonly verdict: 'error' | 'fail' | 'acknowledged' | 'warn' | 'new-baseline' | 'pass';
  /** Absent without predictions. */
  readonly rows?: number;
  /** Rows that the whole condition needs. */
  readonly rowsRequired: number;
  readonly clauses: readonly ClauseFinding[];
  readonly condition: ConditionFinding;
}

/**
 * Parses a condition and checks that it can come out either way. Throws `bad-config` naming the rule. The bounds
 * are for rows that are independent and predicted once.
 */
export function settleCondition(written: WrittenCondition, id: string, layout: Layout): ConditionRule {
  const where = `The rule '${id}'`;
  const { reliability, mode, adaptivity, steps, severity = 'fail' } = written;
  const condition = parseCondition(written.condition, where);
  const column = layout.clustered ? 'cluster' : layout.repeated ? 'repeat' : undefined;
  if (column !== undefined) {
    throw new UserError(
      'bad-config',
      `${where} is a condition, whose sample size is for independent rows that are predicted once, but there is columns.${column}. Use max-regression, which knows it, or remove columns.${column}.`,
    );
  }
  const possible = canComeOut(condition, mode);
  if (!possible.accepted || !possible.rejected) {
    const always = possible.accepted ? 'accept' : 'reject';
    throw new UserError(
      'bad-config',
      `${where}: with mode ${mode} the condition '${written.condition}' would ${always} every model, because n, o and d lie between 0 and 1. Change the number it compares with, or its tolerance.`,
    );
  }
  return { kind: 'condition', id, condition, reliability, mode, adaptivity, steps, severity };
}

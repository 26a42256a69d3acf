import type { BudgetProblem } from './budget.ts';
import type { Doubt } from './doubt.ts';
import { rowOf, type AnyResult, type RuleReason } from './kinds/index.ts';
import { worst, type Effect } from './verdict.ts';

/** Why a whole gate came out as it did: the reason of a rule, or one of the gate's own. */
export type GateReason =
  RuleReason | BudgetProblem | Doubt['reason'] | 'acknowledged' | 'no-baseline' | 'new-baseline' | 'ok';

/** What the gate says about the candidate, and which result decided. */
export interface GateVerdict {
  readonly decision: 'pass' | 'warn' | 'fail' | 'error';
  readonly reason: GateReason;
  /** The first of the worst results; absent when a missing baseline decided. */
  readonly decisive?: AnyResult;
  /** Set where it decided. */
  readonly doubt?: Doubt;
}

/** What a result does to the whole gate. */
export function effectOf(result: AnyResult): Effect {
  return rowOf(result.kind).effectOf(result);
}

/** The worst result decides; a missing baseline counts as the user says. */
export function gateVerdict(
  results: readonly AnyResult[],
  hasBaseline: boolean,
  onMissingBaseline: 'absolute-only' | 'warn' | 'fail',
): GateVerdict {
  const overall = worst(results.map(effectOf));
  const decisive = (results.find((r) => r.verdict === overall) ??
    results.find((r) => effectOf(r) === overall)) as AnyResult;
  if (overall === 'error' || overall === 'fail')
    return { decision: overall, reason: reasonOf(decisive), decisive };
  if (!hasBaseline && onMissingBaseline !== 'absolute-only') {
    if (onMissingBaseline === 'fail' || overall !== 'warn')
      return { decision: onMissingBaseline, reason: 'no-baseline' };
  }
  const acknowledged = results.find((r) => r.verdict === 'acknowledged');
  if (acknowledged !== undefined) return { decision: 'warn', reason: 'acknowledged', decisive: acknowledged };
  if (overall === 'warn') return { decision: 'warn', reason: reasonOf(decisive), decisive };
  if (!hasBaseline) return { decision: 'pass', reason: 'new-baseline' };
  return { decision: 'pass', reason: 'ok', decisive };
}

function reasonOf(result: AnyResult): RuleReason {
  return rowOf(result.kind).reasonOf(result);
}

/** A pass becomes a warning; what is worse already keeps its reason. */
export function withBudget(verdict: GateVerdict, problem: BudgetProblem | undefined): GateVerdict {
  return problem === undefined || verdict.decision !== 'pass'
    ? verdict
    : { decision: 'warn', reason: problem };
}

/** A pass becomes a warning; what is worse already keeps its reason. */
export function withDoubts(verdict: GateVerdict, [doubt]: readonly Doubt[]): GateVerdict {
  return doubt === undefined || verdict.decision !== 'pass'
    ? verdict
    : { decision: 'warn', reason: doubt.reason, doubt };
}

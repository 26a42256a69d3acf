import type { BudgetProblem } from './budget.ts';
import type { Doubt } from './doubt.ts';
import { rowOf, type AnyResult, type RuleReason } from './kinds/index.ts';
import type { LeftOpen } from './kinds/kind.ts';
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

/** How much of a rule waits for a baseline. */
export function leftOpen(result: AnyResult): LeftOpen {
  return rowOf(result.kind).leftOpen(result);
}

/** The rules that wait for a baseline, as the subject of a sentence: `auc, f1 are`; undefined where none does. */
export function rulesLeftOpen(results: readonly AnyResult[]): string | undefined {
  const open = results.filter((result) => leftOpen(result) !== 'nothing');
  const ids = [...new Set(open.map(({ id }) => id))];
  if (ids.length === 0) return undefined;
  return `${ids.join(', ')} ${ids.length === 1 ? 'is' : 'are'}`;
}

/**
 * The worst result decides; a missing baseline counts as the user says. Where it can never come (`never`), or nothing was
 * judged for want of one, that is a warning: green for ever would say that somebody looked.
 */
export function gateVerdict(
  results: readonly AnyResult[],
  hasBaseline: boolean,
  onMissingBaseline: 'absolute-only' | 'warn' | 'fail',
  never?: string,
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
  const isOpen = rulesLeftOpen(results) !== undefined;
  if (isOpen && never !== undefined) return { decision: 'warn', reason: 'no-baseline' };
  if (isOpen && !wasAnyJudged(results)) return { decision: 'warn', reason: 'new-baseline' };
  if (isOpen || !hasBaseline) return { decision: 'pass', reason: 'new-baseline' };
  return { decision: 'pass', reason: 'ok', decisive };
}

/** Whether any rule, or part of one, did more than wait for a baseline. */
function wasAnyJudged(results: readonly AnyResult[]): boolean {
  return results.some((result) => leftOpen(result) !== 'all' && result.verdict !== 'not-judged');
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

/** A pass becomes a warning; what is worse already keeps its reason, unless that is only that there was nothing to compare with. */
export function withDoubts(verdict: GateVerdict, [doubt]: readonly Doubt[]): GateVerdict {
  return doubt === undefined || (verdict.decision !== 'pass' && verdict.reason !== 'new-baseline')
    ? verdict
    : { decision: 'warn', reason: doubt.reason, doubt };
}

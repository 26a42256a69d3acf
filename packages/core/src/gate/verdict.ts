import type { BudgetProblem } from './budget.ts';
import type { CasesProblem, CasesResult } from './kinds/cases/settle.ts';
import type { ConditionProblem, ConditionResult } from './kinds/condition/settle.ts';
import type { FairnessProblem, FairnessResult } from './kinds/fairness/settle.ts';
import type { Check, CheckProblem } from './kinds/metric/limits.ts';
import type { Comparison } from './kinds/metric/regression.ts';
import type { Rule, Severity } from './kinds/metric/settle.ts';

/**
 * What a rule came to. `inconclusive`: the rows at hand do not tell, and the rule says what that means. `not-judged`: a
 * slice with fewer rows than the rule asks for. `acknowledged`: it fails, and somebody accepted these very numbers.
 */
export type Verdict =
  'error' | 'fail' | 'acknowledged' | 'warn' | 'inconclusive' | 'new-baseline' | 'not-judged' | 'pass';

/** What a verdict does to the whole gate. */
export type Effect = Exclude<Verdict, 'inconclusive' | 'acknowledged'>;

/** One rule on all rows (`slice` absent) or on one slice. Numbers are unrounded. */
export interface RuleResult {
  readonly id: string;
  readonly rule: Rule;
  readonly slice?: Readonly<Record<string, string>>;
  readonly verdict: Verdict;
  readonly candidate?: number;
  readonly baseline?: number;
  /** Rows that were measured; absent for logged metrics. */
  readonly rows?: number;
  /** Absent where only the two numbers were compared. */
  readonly comparison?: Comparison;
  readonly checks: readonly Check[];
}

/** A result of any kind of rule. */
export type AnyResult = RuleResult | CasesResult | FairnessResult | ConditionResult;

/** Whether a result is about cases. */
export function isAboutCases(result: AnyResult): result is CasesResult {
  return 'cases' in result;
}

/** Whether a result is about fairness. */
export function isAboutFairness(result: AnyResult): result is FairnessResult {
  return 'fairness' in result;
}

/** Whether a result is about a condition. */
export function isAboutCondition(result: AnyResult): result is ConditionResult {
  return 'condition' in result;
}

/** What a result does to the whole gate. */
export function effectOfResult(result: AnyResult): Effect {
  if (result.verdict === 'acknowledged') return 'warn';
  return 'checks' in result ? effectOf(result.verdict, result.rule) : result.verdict;
}

/** What one check means for its rule. */
export function verdictOf(check: Check, severity: Severity): Verdict {
  switch (check.found) {
    case 'holds':
      return 'pass';
    case 'error':
      return 'error';
    case 'no-baseline':
      return 'new-baseline';
    case 'pre-existing':
      return severity === 'info' ? 'pass' : 'warn';
    case 'inconclusive':
      return 'inconclusive';
    case 'broken':
      return severity === 'info' ? 'pass' : severity;
  }
}

/** What a verdict does; an inconclusive rule never does more than its severity. */
export function effectOf(verdict: Verdict, { severity, onInconclusive }: Rule): Effect {
  if (verdict === 'acknowledged') return 'warn';
  if (verdict !== 'inconclusive') return verdict;
  if (severity === 'info') return 'pass';
  return severity === 'warn' && onInconclusive === 'fail' ? 'warn' : onInconclusive;
}

/** All verdicts, the worst first. */
export const WORST_FIRST = [
  'error',
  'fail',
  'acknowledged',
  'warn',
  'inconclusive',
  'new-baseline',
  'not-judged',
  'pass',
] as const satisfies readonly Verdict[];

/** The worst of several verdicts; an empty list is an error, because nothing was checked. */
export function worst<T extends Verdict>(verdicts: readonly T[]): T | 'error' {
  return (
    WORST_FIRST.find((verdict): verdict is T & (typeof WORST_FIRST)[number] =>
      (verdicts as readonly Verdict[]).includes(verdict),
    ) ?? 'error'
  );
}

/** The verdict of a rule whose checks came out as they did: the one with the worst effect. */
export function ruleVerdict(checks: readonly Check[], rule: Rule): Verdict {
  const verdicts = checks.map((check) => verdictOf(check, rule.severity));
  const effect = worst(verdicts.map((verdict) => effectOf(verdict, rule)));
  return worst(verdicts.filter((verdict) => effectOf(verdict, rule) === effect));
}

/** Why a whole gate came out as it did. */
export type GateReason =
  | CheckProblem
  | CasesProblem
  | FairnessProblem
  | BudgetProblem
  | ConditionProblem
  | 'condition-rejected'
  | 'acknowledged'
  | 'group-difference'
  | 'case-broke'
  | 'ok'
  | 'regression'
  | 'below-limit'
  | 'suspicious-improvement'
  | 'inconclusive'
  | 'pre-existing'
  | 'no-baseline'
  | 'new-baseline';

/** What the gate says about the candidate, and which result decided. */
export interface GateVerdict {
  readonly decision: 'pass' | 'warn' | 'fail' | 'error';
  readonly reason: GateReason;
  /** The first of the worst results; absent when a missing baseline decided. */
  readonly decisive?: AnyResult;
}

/** The worst result decides; a missing baseline counts as the user says. */
export function gateVerdict(
  results: readonly AnyResult[],
  hasBaseline: boolean,
  onMissingBaseline: 'absolute-only' | 'warn' | 'fail',
): GateVerdict {
  const overall = worst(results.map(effectOfResult));
  const decisive = (results.find((r) => r.verdict === overall) ??
    results.find((r) => effectOfResult(r) === overall)) as AnyResult;
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

function reasonOf(result: AnyResult): GateReason {
  if (isAboutCases(result)) return result.cases.found === 'error' ? result.cases.reason : 'case-broke';
  if (isAboutFairness(result)) {
    return result.fairness.found === 'error' ? result.fairness.reason : 'group-difference';
  }
  if (isAboutCondition(result)) return reasonOfCondition(result);
  const check = decisiveCheck(result);
  if (check?.found === 'inconclusive') return 'inconclusive';
  if (check?.found === 'error') return check.reason;
  if (check?.found === 'pre-existing') return 'pre-existing';
  if (check?.kind === 'max-improvement') return 'suspicious-improvement';
  return check?.kind === 'max-regression' ? 'regression' : 'below-limit';
}

function reasonOfCondition({ condition: finding }: ConditionResult): GateReason {
  if (finding.found === 'error') return finding.reason;
  return finding.found === 'accepted' ? 'budget-uncounted' : 'condition-rejected';
}

/** The check that made a result what it is: of those with its verdict, an error before a broken limit before the rest. */
export function decisiveCheck(result: RuleResult): Check | undefined {
  const order = ['error', 'broken', 'inconclusive', 'pre-existing', 'no-baseline'] as const;
  // Somebody acknowledged what it was.
  const verdict =
    result.verdict === 'acknowledged' ? ruleVerdict(result.checks, result.rule) : result.verdict;
  const telling = result.checks.filter((c) => verdictOf(c, result.rule.severity) === verdict);
  for (const found of order) {
    const check = telling.find((c) => c.found === found);
    if (check !== undefined) return check;
  }
  return result.checks[0];
}

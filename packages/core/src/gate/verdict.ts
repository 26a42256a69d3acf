import type { Check, CheckProblem } from './limits.ts';
import type { Rule, Severity } from './rules.ts';

/** What a rule came to. `not-judged`: a slice with fewer rows than the rule asks for. */
export type Verdict = 'error' | 'fail' | 'warn' | 'new-baseline' | 'not-judged' | 'pass';

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
  readonly checks: readonly Check[];
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
    case 'broken':
      return severity === 'info' ? 'pass' : severity;
  }
}

const WORST_FIRST: readonly Verdict[] = ['error', 'fail', 'warn', 'new-baseline', 'not-judged', 'pass'];

/** The worst of several verdicts; an empty list is an error, because nothing was checked. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'error';
}

/** Why a whole gate came out as it did. */
export type GateReason =
  | CheckProblem
  | 'ok'
  | 'regression'
  | 'below-limit'
  | 'suspicious-improvement'
  | 'pre-existing'
  | 'no-baseline'
  | 'new-baseline';

/** What the gate says about the candidate, and which result decided. */
export interface GateVerdict {
  readonly decision: 'pass' | 'warn' | 'fail' | 'error';
  readonly reason: GateReason;
  /** The first of the worst results; absent when a missing baseline decided. */
  readonly decisive?: RuleResult;
}

/** The worst result decides; a missing baseline counts as the user says. */
export function gateVerdict(
  results: readonly RuleResult[],
  hasBaseline: boolean,
  onMissingBaseline: 'absolute-only' | 'warn' | 'fail',
): GateVerdict {
  const overall = worst(results.map((r) => r.verdict));
  const decisive = results.find((r) => r.verdict === overall) as RuleResult;
  if (overall === 'error' || overall === 'fail')
    return { decision: overall, reason: reasonOf(decisive), decisive };
  if (!hasBaseline && onMissingBaseline !== 'absolute-only') {
    if (onMissingBaseline === 'fail' || overall !== 'warn')
      return { decision: onMissingBaseline, reason: 'no-baseline' };
  }
  if (overall === 'warn') return { decision: 'warn', reason: reasonOf(decisive), decisive };
  if (!hasBaseline) return { decision: 'pass', reason: 'new-baseline' };
  return { decision: 'pass', reason: 'ok', decisive };
}

function reasonOf(result: RuleResult): GateReason {
  const check = decisiveCheck(result);
  if (check?.found === 'error') return check.reason;
  if (check?.found === 'pre-existing') return 'pre-existing';
  if (check?.kind === 'max-improvement') return 'suspicious-improvement';
  return check?.kind === 'max-regression' ? 'regression' : 'below-limit';
}

/** The check that made a result what it is: an error before a broken limit before anything else. */
export function decisiveCheck(result: RuleResult): Check | undefined {
  const order = ['error', 'broken', 'pre-existing', 'no-baseline'] as const;
  for (const found of order) {
    const check = result.checks.find((c) => c.found === found);
    if (check !== undefined) return check;
  }
  return result.checks[0];
}

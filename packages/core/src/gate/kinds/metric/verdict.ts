import type { LeftOpen, RuleResult } from '../kind.ts';
import { effectOfVerdict, worst, type Effect, type Severity, type Verdict } from '../../verdict.ts';
import type { Check, CheckProblem } from './limits.ts';
import type { Comparison } from './regression.ts';
import type { MetricRule } from './settle.ts';

/** One rule on all rows (`slice` absent) or on one slice. */
export interface MetricResult extends RuleResult<'metric'> {
  readonly rule: MetricRule;
  readonly slice?: Readonly<Record<string, string>>;
  readonly candidate?: number;
  readonly baseline?: number;
  /** Rows that were measured; absent for logged metrics. */
  readonly rows?: number;
  /** Absent where only the two numbers were compared. */
  readonly comparison?: Comparison;
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
    case 'inconclusive':
      return 'inconclusive';
    case 'broken':
      return severity === 'info' ? 'pass' : severity;
  }
}

/** What a verdict does; an inconclusive rule never does more than its severity. */
export function effectOf(verdict: Verdict, { severity, onInconclusive }: MetricRule): Effect {
  if (verdict !== 'inconclusive') return effectOfVerdict(verdict);
  if (severity === 'info') return 'pass';
  return severity === 'warn' && onInconclusive === 'fail' ? 'warn' : onInconclusive;
}

/** Limits of changes wait for a baseline, absolute ones do not. */
export function leftOpen({ checks }: MetricResult): LeftOpen {
  const open = checks.filter(({ found }) => found === 'no-baseline').length;
  return open === 0 ? 'nothing' : open < checks.length ? 'part' : 'all';
}

/** The verdict of a rule whose checks came out as they did: the one with the worst effect. */
export function ruleVerdict(checks: readonly Check[], rule: MetricRule): Verdict {
  const verdicts = checks.map((check) => verdictOf(check, rule.severity));
  const effect = worst(verdicts.map((verdict) => effectOf(verdict, rule)));
  return worst(verdicts.filter((verdict) => effectOf(verdict, rule) === effect));
}

/** The check that made a result what it is: of those with its verdict, an error before a broken limit before the rest. */
export function decisiveCheck(result: MetricResult): Check | undefined {
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

/** Why a metric's result is no plain pass. */
export type MetricReason =
  CheckProblem | 'inconclusive' | 'pre-existing' | 'suspicious-improvement' | 'regression' | 'below-limit';

/** The reason that the deciding check gives. */
export function reasonOf(result: MetricResult): MetricReason {
  const check = decisiveCheck(result);
  if (check?.found === 'inconclusive') return 'inconclusive';
  if (check?.found === 'error') return check.reason;
  if (check?.found === 'pre-existing') return 'pre-existing';
  if (check?.kind === 'max-improvement') return 'suspicious-improvement';
  return check?.kind === 'max-regression' ? 'regression' : 'below-limit';
}

/** The adjusted p-value is left out, because it depends on rules that hold. */
export function ownNumbers({ comparison, ...result }: MetricResult): object {
  return { ...result, interval: comparison?.interval };
}

import type { RuleResult, SettledRule } from '@sluice/core/gate/kinds/kind.ts';
import type { MeasuredCandidate } from '@sluice/core/gate/measured-models.ts';
import type { WrittenRows } from './schema.ts';

/** A test set of a certain size. */
export interface RowsRule extends SettledRule<'rows'> {
  readonly rows: number;
}

/** What a rule of the kind came to. */
export interface RowsResult extends RuleResult<'rows'> {
  readonly rule: RowsRule;
  readonly verdict: 'error' | 'fail' | 'acknowledged' | 'warn' | 'pass';
  /** Absent when there are no predictions. */
  readonly found?: number;
}

/** The rule with its defaults. */
export function settleRows({ rows, severity = 'fail' }: WrittenRows, id: string): RowsRule {
  return { kind: 'rows', id, rows, severity };
}

/** Judges each rule by the candidate's predictions. What cannot be told is an error, never a pass. */
export function judgeRows(rules: readonly RowsRule[], { sample }: MeasuredCandidate): RowsResult[] {
  return rules.map((rule) => {
    const known = { kind: 'rows', id: rule.id, rule } as const;
    if (sample === undefined) return { ...known, verdict: 'error' };
    return { ...known, verdict: verdictOf(rule, sample.rows), found: sample.rows };
  });
}

function verdictOf({ rows, severity }: RowsRule, found: number): RowsResult['verdict'] {
  return found >= rows || severity === 'info' ? 'pass' : severity;
}

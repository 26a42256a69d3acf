import type { MetricProblem } from '../../measurement.ts';
import type { Severity } from '../metric/settle.ts';

/** Rows that the candidate must not get wrong where the baseline has them right. */
export interface CasesRule {
  readonly id: string;
  /** Ids of the rows, each once, at least one. */
  readonly cases: readonly string[];
  readonly severity: Severity;
}

/** Why cases could not be judged. */
export type CasesProblem = MetricProblem | 'unknown-case' | 'different-test-set';

/** What became of the cases; every list holds ids in the order of the rule. */
export type CasesFinding =
  | { readonly found: 'error'; readonly reason: CasesProblem; readonly message: string }
  /** There is no baseline, so that every case must be right. */
  | { readonly found: 'first'; readonly wrong: readonly string[] }
  | {
      readonly found: 'compared';
      /** Right for the baseline, wrong for the candidate. */
      readonly broke: readonly string[];
      /** Wrong for the baseline, right for the candidate. */
      readonly fixed: readonly string[];
      readonly stillWrong: readonly string[];
    };

/** What a rule about cases came to. */
export interface CasesResult {
  readonly id: string;
  readonly rule: CasesRule;
  readonly verdict: 'error' | 'fail' | 'acknowledged' | 'warn' | 'new-baseline' | 'pass';
  readonly cases: CasesFinding;
}

/** The ids that break the rule. */
export function brokenCases(finding: CasesFinding): readonly string[] {
  switch (finding.found) {
    case 'error':
      return [];
    case 'first':
      return finding.wrong;
    case 'compared':
      return finding.broke;
  }
}

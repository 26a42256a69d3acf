import { UserError } from '../../../action/errors.ts';
import type { MetricProblem } from '../../measurement.ts';
import type { RuleResult, RuleSurroundings, SettledRule } from '../kind.ts';
import type { WrittenCases } from './schema.ts';

/** Rows that the candidate must not get wrong where the baseline has them right. */
export interface CasesRule extends SettledRule<'cases'> {
  /** Ids of the rows, each once, at least one. */
  readonly cases: readonly string[];
}

/** The rule with the ids that it lists, or that are in the file it names. Throws `bad-config` where the file has none. */
export async function settleCases(
  { cases, severity = 'fail' }: WrittenCases,
  id: string,
  { readLines }: Pick<RuleSurroundings, 'readLines'>,
): Promise<CasesRule> {
  const listed = typeof cases === 'string' ? await readLines(cases, 'cases of a rule') : cases.map(String);
  const ids = [...new Set(listed)];
  if (ids.length > 0) return { kind: 'cases', id, cases: ids, severity };
  throw new UserError(
    'bad-config',
    `The file of cases ${String(cases)} names none, so nothing would be checked. Write one id a line.`,
  );
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
export interface CasesResult extends RuleResult<'cases'> {
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

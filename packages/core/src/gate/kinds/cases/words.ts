import { brokenCases, type CasesResult } from './settle.ts';

/** More ids than this do not help to find out what they have in common. */
const IDS_SHOWN = 10;

/** One sentence about cases. Plain text. */
export function describeCases({ id, rule, cases: finding }: CasesResult): string {
  const all = rule.cases.length;
  switch (finding.found) {
    case 'error':
      return `${id}: ${finding.message}`;
    case 'first':
      return finding.wrong.length === 0
        ? `${id}: all ${all} are right; there is nothing to compare them with yet.`
        : `${id}: ${finding.wrong.length} of ${all} must be right and are wrong: ${listed(finding.wrong, String)}.`;
    case 'compared': {
      const broke = finding.broke.length === 0 ? 'none' : `${finding.broke.length} of ${all}`;
      const which = finding.broke.length === 0 ? '' : `: ${listed(finding.broke, String)}`;
      return `${id}: ${broke} broke that the baseline has right${which}.`;
    }
  }
}

/** Whether a case changed, or a rule about cases does not simply pass. */
export function hasCaseNews({ verdict, cases: finding }: CasesResult): boolean {
  if (verdict !== 'pass' || brokenCases(finding).length > 0) return true;
  return finding.found === 'compared' && finding.fixed.length > 0;
}

/** The rule as it is written in sluice.yaml. Plain text. */
export function casesRuleText(): string {
  return '{cases: …, must: stay-correct}';
}

/** What broke and what to do about it. Plain text. */
export function casesFix(result: CasesResult): string {
  return result.cases.found === 'error'
    ? describeCases(result)
    : `${describeCases(result)} Look at these rows; where a label is wrong, correct it or take the case off the list in review.`;
}

/** Whether a case is wrong under a rule that does nothing but inform. */
export function isInformational({ rule, cases: finding }: CasesResult): boolean {
  return rule.severity === 'info' && brokenCases(finding).length > 0;
}

/** The first of the ids, and how many more there are. */
export function listed(ids: readonly string[], shown: (id: string) => string): string {
  if (ids.length === 0) return '–';
  const rest = ids.length > IDS_SHOWN ? ` and ${(ids.length - IDS_SHOWN).toLocaleString('en-US')} more` : '';
  return ids.slice(0, IDS_SHOWN).map(shown).join(', ') + rest;
}

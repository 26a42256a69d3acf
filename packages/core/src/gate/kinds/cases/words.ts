import { brokenCases, type CasesResult } from './settle.ts';
import type { ChangedRows } from './judge.ts';
import { code, table } from '../../../report/markdown.ts';

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
        ? `${id}: all ${all} are right; there is no baseline to compare them with yet.`
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

/** The part of the report about cases; empty without any. `word` says what a verdict is called. */
export function casesPart(
  results: readonly CasesResult[],
  word: (verdict: CasesResult['verdict']) => string,
): string {
  if (results.length === 0) return '';
  const rows = results.map(({ id, rule, verdict, cases: finding }) => [
    code(id),
    word(verdict),
    rule.cases.length.toLocaleString('en-US'),
    listed(brokenCases(finding), code),
    finding.found === 'compared' ? listed(finding.fixed, code) : '',
    finding.found === 'compared' ? listed(finding.stillWrong, code) : '',
  ]);
  return `#### Cases\n\n${table(['Rule', 'Verdict', '>Cases', 'Broke', 'Fixed', 'Still wrong'], rows)}`;
}

/** Wins and losses row by row; empty where they are not known. */
export function changedLine(changed: ChangedRows | undefined): string {
  if (changed === undefined) return '';
  const [rows, fixed, broke] = [changed.rows, changed.fixed, changed.broke].map((n) =>
    n.toLocaleString('en-US'),
  );
  return `Of ${rows} rows, ${fixed} are right now that the baseline has wrong, ${broke} are wrong now that it has right.`;
}

function listed(ids: readonly string[], shown: (id: string) => string): string {
  if (ids.length === 0) return '–';
  const rest = ids.length > IDS_SHOWN ? ` and ${(ids.length - IDS_SHOWN).toLocaleString('en-US')} more` : '';
  return ids.slice(0, IDS_SHOWN).map(shown).join(', ') + rest;
}

import { code, details, table } from '../../../report/markdown.ts';
import type { ReportParts } from '../kind.ts';
import { WORD } from '../../report/verdict-words.ts';
import { brokenCases, type CasesResult } from './settle.ts';
import { hasCaseNews, listed } from './words.ts';

/** What the report says about cases: those that changed, and folded those that are as they were. */
export function casesParts(results: readonly CasesResult[]): ReportParts {
  const quiet = casesTable(results.filter((result) => !hasCaseNews(result)));
  return {
    news: casesTable(results.filter(hasCaseNews)),
    quiet: quiet === '' ? '' : details('Cases as they were', quiet),
  };
}

function casesTable(results: readonly CasesResult[]): string {
  if (results.length === 0) return '';
  const rows = results.map(({ id, rule, verdict, cases: finding }) => [
    code(id),
    WORD[verdict],
    rule.cases.length.toLocaleString('en-US'),
    listed(brokenCases(finding), code),
    finding.found === 'compared' ? listed(finding.fixed, code) : '',
    finding.found === 'compared' ? listed(finding.stillWrong, code) : '',
  ]);
  return `#### Cases\n\n${table(['Rule', 'Verdict', '>Cases', 'Broke', 'Fixed', 'Still wrong'], rows)}`;
}

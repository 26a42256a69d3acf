import { effectOfVerdict } from '../../verdict.ts';
import type { RuleKind } from '../kind.ts';
import { casesList } from './entry.ts';
import { judgeCases } from './judge.ts';
import type { WrittenCases } from './schema.ts';
import { settleCases, type CasesProblem, type CasesResult, type CasesRule } from './settle.ts';
import { casesParts } from './table.ts';
import { casesFix, casesRuleText, describeCases, hasCaseNews, isInformational } from './words.ts';

/** Rows that must not get wrong: `{cases: golden.txt, must: stay-correct}`. */
export const casesKind = {
  nameOf: () => 'cases',
  settle: settleCases,
  judge: (rules, { candidate, baseline }) => judgeCases(rules, candidate, baseline),
  countsRows: () => true,
  effectOf: ({ verdict }) => effectOfVerdict(verdict),
  // That every case is right was judged; whether one broke was not.
  leftOpen: ({ cases: { found } }) => (found === 'first' ? 'part' : 'nothing'),
  reasonOf: ({ cases: finding }): CasesProblem | 'case-broke' =>
    finding.found === 'error' ? finding.reason : 'case-broke',
  ownNumbers: (result) => result,
  words: {
    label: ({ id }) => id,
    describe: describeCases,
    ruleText: casesRuleText,
    fix: casesFix,
    isNews: hasCaseNews,
    isInformational,
  },
  parts: casesParts,
  list: casesList,
} satisfies RuleKind<'cases', WrittenCases, CasesRule, CasesResult>;

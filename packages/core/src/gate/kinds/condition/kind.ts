import { effectOfVerdict } from '../../verdict.ts';
import type { LeftOpen, RuleKind } from '../kind.ts';
import { conditionList } from './entry.ts';
import { judgeConditions } from './judge.ts';
import type { WrittenCondition } from './schema.ts';
import {
  settleCondition,
  type ConditionProblem,
  type ConditionResult,
  type ConditionRule,
} from './settle.ts';
import { conditionParts } from './table.ts';
import { usesTestSetUp, withUse } from './with-use.ts';
import {
  conditionFix,
  conditionRuleText,
  describeCondition,
  describeRequiredRows,
  hasConditionNews,
  isInformational,
} from './words.ts';

/** A condition that must hold with a reliability: `{condition: 'n - o > 0 +/- 0.02', reliability: 0.99, …}`. */
export const conditionKind = {
  nameOf: () => 'condition',
  settle: (written, id, { layout }) => settleCondition(written, id, layout),
  judge: (rules, { candidate, baseline }) => judgeConditions(rules, candidate, baseline),
  countsRows: () => false,
  effectOf: ({ verdict }) => effectOfVerdict(verdict),
  leftOpen,
  reasonOf,
  ownNumbers: (result) => result,
  words: {
    label: ({ id }) => id,
    describe: describeCondition,
    ruleText: conditionRuleText,
    fix: conditionFix,
    isNews: hasConditionNews,
    isInformational,
  },
  parts: conditionParts,
  list: conditionList,
  limitedUse: {
    asking: 'A condition',
    steps: ({ steps }) => steps,
    usesUp: usesTestSetUp,
    withUse,
    describeNeeds: describeRequiredRows,
  },
} satisfies RuleKind<'condition', WrittenCondition, ConditionRule, ConditionResult>;

function leftOpen({ clauses, condition: { found } }: ConditionResult): LeftOpen {
  if (found !== 'first') return 'nothing';
  return clauses.some(({ measured }) => measured !== undefined) ? 'part' : 'all';
}

/** What passes but for a warning was accepted in a dry run, which is not counted. */
function reasonOf({ condition: finding }: ConditionResult): ConditionProblem | 'condition-rejected' {
  if (finding.found === 'error') return finding.reason;
  return finding.found === 'accepted' ? 'budget-uncounted' : 'condition-rejected';
}

import { effectOfVerdict } from '../../verdict.ts';
import type { LeftOpen, RuleKind } from '../kind.ts';
import { fairnessList } from './entry.ts';
import { judgeFairness } from './judge.ts';
import type { WrittenFairness } from './schema.ts';
import { settleFairness, type FairnessProblem, type FairnessResult, type FairnessRule } from './settle.ts';
import { fairnessParts } from './table.ts';
import { describeFairness, fairnessFix, fairnessLabel, fairnessRuleText, isInformational } from './words.ts';

/** Groups that must be treated alike: `{fairness: equal-opportunity, by: sex, max-difference: 0.1}`. */
export const fairnessKind = {
  nameOf: ({ fairness }) => fairness,
  settle: settleFairness,
  judge: (rules, { candidate, baseline, certainty }) =>
    judgeFairness(rules, candidate, baseline, certainty.confidence),
  countsRows: () => false,
  effectOf: ({ verdict }) => effectOfVerdict(verdict),
  leftOpen,
  reasonOf: ({ fairness: finding }): FairnessProblem | 'group-difference' =>
    finding.found === 'error' ? finding.reason : 'group-difference',
  ownNumbers: (result) => result,
  words: {
    label: fairnessLabel,
    describe: describeFairness,
    ruleText: fairnessRuleText,
    fix: fairnessFix,
    isNews: ({ verdict }) => verdict !== 'pass',
    isInformational,
  },
  parts: fairnessParts,
  list: fairnessList,
} satisfies RuleKind<'fairness', WrittenFairness, FairnessRule, FairnessResult>;

function leftOpen({ rule, fairness: finding }: FairnessResult): LeftOpen {
  if (finding.found === 'error' || !finding.needsBaseline) return 'nothing';
  return rule.maxDifference === undefined && rule.minRatio === undefined ? 'all' : 'part';
}

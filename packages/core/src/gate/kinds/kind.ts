import type * as z from 'zod/mini';
import type { Certainty } from '../certainty.ts';
import type { MeasuredBaseline, MeasuredCandidate } from '../measured-models.ts';
import type { Layout } from '../statistics/choice.ts';
import type { TestSetUse } from '../test-set-use.ts';
import type { Effect, Severity, Verdict } from '../verdict.ts';

/** What every rule has once it is settled. */
export interface SettledRule<Kind extends string = string> {
  readonly kind: Kind;
  /** Unique among all rules of the gate. */
  readonly id: string;
  readonly severity: Severity;
}

/** What a rule came to. Numbers are unrounded. */
export interface RuleResult<Kind extends string = string> {
  readonly kind: Kind;
  readonly id: string;
  readonly rule: SettledRule<Kind>;
  readonly verdict: Verdict;
}

/** How much of a rule was left open because there is nothing to compare with. */
export type LeftOpen = 'nothing' | 'part' | 'all';

/** What settling a rule may depend on beside the rule. */
export interface RuleSurroundings {
  readonly layout: Layout;
  /** The lines of a file that a rule names, without empty ones; `what` is what messages call it. Throws UserError. */
  readonly readLines: (file: string, what: string) => Promise<readonly string[]>;
}

/** The two models and how sure the gate is to be. */
export interface Models {
  readonly candidate: MeasuredCandidate;
  readonly baseline: MeasuredBaseline;
  readonly certainty: Certainty;
}

/** What people are told about a result. Plain text. */
export interface RuleWords<Result> {
  /** What the result is called. */
  label(result: Result): string;
  /** One sentence: what was found and, where it is not good, what would pass. */
  describe(result: Result): string;
  /** The rule as it is written in sluice.yaml, with what decided. */
  ruleText(result: Result): string;
  /** What the result is called and what would fix it, with the numbers. */
  fix(result: Result): string;
  /** Whether a reader has to see it: a number moved, or the rule does not simply pass. */
  isNews(result: Result): boolean;
  /** Whether a limit is broken that does nothing but inform. */
  isInformational(result: Result): boolean;
}

/** What a kind adds to the report, from top to bottom; a part that has nothing to say is empty or absent. Markdown. */
export interface ReportParts {
  /** The table that is seen before the sentences on what is worth a look. */
  readonly glance?: string;
  /** What a reader has to see. */
  readonly news?: string;
  readonly chart?: string;
  /** Folded: what simply passes. */
  readonly quiet?: string;
  /** Folded: every result, one part for each list. */
  readonly every?: readonly string[];
}

/** The list of results of a kind in `result`. */
export interface ResultList<Result> {
  readonly key: string;
  readonly schema: z.ZodMiniArray;
  entry(result: Result): object;
}

/** What a kind needs whose verdicts hold for a number of models only. */
export interface LimitedUse<Rule, Result> {
  /** Who asks for the count, at the beginning of a sentence. */
  readonly asking: string;
  /** How many models one test set may judge. */
  steps(rule: Rule): number;
  /** Whether the test set has to be replaced after this result. */
  usesUp(result: Result): boolean;
  /** The result when it is known how often the test set was used. */
  withUse(result: Result, use: TestSetUse): Result;
  /** What the rule needs of a test set, for the log. */
  describeNeeds(result: Result): string;
}

/** One kind of rule, from sluice.yaml to `result` and the report. All of it is pure. */
export interface RuleKind<
  Kind extends string,
  Written,
  Rule extends SettledRule<Kind> = SettledRule<Kind>,
  Result extends RuleResult<Kind> = RuleResult<Kind>,
> {
  /** What a rule is called that has no name of its own. */
  nameOf(written: Written): string;
  /** The rule with its defaults. Throws `bad-config` for one that makes no sense. */
  settle(written: Written, id: string, surroundings: RuleSurroundings): Rule | Promise<Rule>;
  /** Judges all rules of the kind at once, because they may share what chance allows. */
  judge(rules: readonly Rule[], models: Models): Result[];
  /** Whether it matters for the rule which rows are right. */
  countsRows(rule: Rule): boolean;
  effectOf(result: Result): Effect;
  /** How much of the rule waits for a baseline. */
  leftOpen(result: Result): LeftOpen;
  /** Why a result is no plain pass. */
  reasonOf(result: Result): string;
  /** What somebody accepts who accepts the result: nothing that depends on other rules. */
  ownNumbers(result: Result): object;
  readonly words: RuleWords<Result>;
  parts(results: readonly Result[], hasBaseline: boolean): ReportParts;
  readonly list: ResultList<Result>;
  /** Absent where it does not matter how often the test set was used. */
  readonly limitedUse?: LimitedUse<Rule, Result>;
}

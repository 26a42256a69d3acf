import { effectOf, rulesLeftOpen, type GateVerdict } from '../gate-verdict.ts';
import { rowOf, type AnyResult } from '../kinds/index.ts';
import { describeBudget, isAboutBudget, type Budget } from './budget-words.ts';
import { countVerdicts } from './counts.ts';
import { describeResult } from './sentences.ts';

/** What the verdict's sentence is made of. */
export interface VerdictFacts {
  readonly verdict: GateVerdict;
  readonly results: readonly AnyResult[];
  /** Why there is no baseline, one reason per source. */
  readonly tried: readonly string[];
  /** Why there never will be one, in sentences; undefined where there is one, or it may come. */
  readonly never: string | undefined;
  /** Why nothing was compared with the baseline that there is, in sentences; undefined where it was. */
  readonly aside: string | undefined;
  readonly budget: Budget | undefined;
  /** Who accepted what fails, and when; undefined where nobody did. */
  readonly accepted: { readonly by: string; readonly on: string } | undefined;
}

/** The sentence that everything else explains. Plain text. */
export function verdictSentence(facts: VerdictFacts): string {
  const { verdict, results, tried, never, budget, accepted } = facts;
  const { decisive, reason } = verdict;
  if (reason === 'no-baseline' && never !== undefined && verdict.decision === 'warn') {
    return `${rulesLeftOpen(results)} to be compared with a baseline, and none can ever be found here. ${never}`;
  }
  if (reason === 'no-baseline') return `There is no baseline to compare with: ${tried.join('; ')}.`;
  if (budget !== undefined && isAboutBudget(verdict)) return describeBudget(budget).sentence;
  if (verdict.doubt !== undefined) return verdict.doubt.sentence;
  if (reason === 'new-baseline') return newBaselineSentence(facts);
  if (decisive === undefined || verdict.decision === 'pass') return passingSentence(results);
  if (reason === 'acknowledged' && accepted !== undefined) {
    const others = results.filter((result) => result.verdict === 'acknowledged').length - 1;
    return `${accepted.by} accepted on ${accepted.on} that ${describeResult(decisive)}${andMore(others)}`;
  }
  const effect = effectOf(decisive);
  const alike = results.filter((result) => effectOf(result) === effect).length - 1;
  return `${describeResult(decisive)}${andMore(alike)}`;
}

function newBaselineSentence({ verdict, results, aside }: VerdictFacts): string {
  const isAnyJudged = verdict.decision === 'pass';
  if (aside !== undefined) {
    return `${isAnyJudged ? 'Every other limit holds' : 'No rule was judged'}; ${rulesLeftOpen(results)} not compared with the baseline. ${aside}`;
  }
  return isAnyJudged
    ? 'Every absolute limit holds; there is no baseline yet.'
    : 'No rule was judged, because each compares with a baseline and there is none yet. Add a limit that needs none, such as min or max.';
}

function andMore(others: number): string {
  return others === 0 ? '' : ` And ${others} more.`;
}

function passingSentence(results: readonly AnyResult[]): string {
  const { passed, inconclusive } = countVerdicts(results);
  const informing = results.filter((result) => rowOf(result.kind).words.isInformational(result)).length;
  const holding = passed - informing;
  const rest =
    informing === 0 ? '' : ` ${informing} that only inform${informing === 1 ? 's does' : ' do'} not.`;
  if (inconclusive > 0) {
    return `${holding} of ${holding + inconclusive} checks hold, of the rest the rows cannot tell.${rest}`;
  }
  return `${holding === 1 ? 'The one check holds.' : `All ${holding} checks hold.`}${rest}`;
}

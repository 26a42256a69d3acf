import { brokenCases } from '../kinds/cases/settle.ts';
import {
  isAboutCases,
  isAboutCondition,
  isAboutFairness,
  WORST_FIRST,
  type AnyResult,
  type Verdict,
} from '../verdict.ts';
import { hasCaseNews } from '../kinds/cases/words.ts';
import { hasConditionNews } from '../kinds/condition/words.ts';

/** What a verdict is called in a table cell, as markdown. */
export const WORD: Readonly<Record<Verdict, string>> = {
  error: '**error**',
  fail: '**fail**',
  acknowledged: '**fail, acknowledged**',
  warn: '**warn**',
  inconclusive: '**inconclusive**',
  'new-baseline': 'new baseline',
  'not-judged': 'not judged',
  pass: 'pass',
};

/** Results that the report explains in a sentence each. */
export const NEEDS_A_LOOK: ReadonlySet<Verdict> = new Set([
  'error',
  'fail',
  'acknowledged',
  'warn',
  'inconclusive',
]);

/** The worst first; equal ones as they were. */
export function worstFirst<T extends AnyResult>(results: readonly T[]): T[] {
  return [...results].sort((a, b) => WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict));
}

/** Whether a reader needs to see it at once: not a plain pass, or the number moved; of slices only the former. */
export function matters(result: AnyResult): boolean {
  const isQuietSlice = 'checks' in result && result.slice !== undefined && result.verdict === 'pass';
  return !isQuietSlice && isNews(result);
}

/** Whether the number moved, or the rule does not simply pass. */
export function isNews(result: AnyResult): boolean {
  if (isAboutCases(result)) return hasCaseNews(result);
  if (isAboutFairness(result)) return result.verdict !== 'pass';
  if (isAboutCondition(result)) return hasConditionNews(result);
  const { verdict, candidate, baseline } = result;
  if (verdict === 'not-judged') return false;
  return verdict !== 'pass' || (baseline !== undefined && candidate !== baseline);
}

/** Whether a limit is broken that does nothing but inform. */
export function isInformational(result: AnyResult): boolean {
  if (result.rule.severity !== 'info') return false;
  if (isAboutCases(result)) return brokenCases(result.cases).length > 0;
  if (isAboutFairness(result))
    return result.fairness.found === 'measured' && result.fairness.broken.length > 0;
  if (isAboutCondition(result)) return result.condition.found === 'rejected';
  return result.checks.some((check) => check.found === 'broken' || check.found === 'pre-existing');
}

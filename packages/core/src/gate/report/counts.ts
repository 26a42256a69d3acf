import type { Verdict } from '../verdict.ts';

/** What is counted of a result. */
interface Judged {
  readonly verdict: Verdict;
}

/** How many rules and slices came to what. */
export type VerdictCounts = Readonly<
  Record<
    | 'passed'
    | 'failed'
    | 'acknowledged'
    | 'warned'
    | 'inconclusive'
    | 'errors'
    | 'new-baseline'
    | 'not-judged',
    number
  >
>;

/** Counts them as `result` has them. */
export function countVerdicts(results: readonly Judged[]): VerdictCounts {
  const count = (wanted: Verdict): number => results.filter((r) => r.verdict === wanted).length;
  return {
    passed: count('pass'),
    failed: count('fail'),
    acknowledged: count('acknowledged'),
    warned: count('warn'),
    inconclusive: count('inconclusive'),
    errors: count('error'),
    'new-baseline': count('new-baseline'),
    'not-judged': count('not-judged'),
  };
}

/** How many checks came to what. */
export function countsLine(results: readonly Judged[]): string {
  return `${results.length} ${results.length === 1 ? 'check' : 'checks'}: ${countWords(results)}.`;
}

/** `2 failed, 12 passed`. */
export function countWords(results: readonly Judged[]): string {
  const counts = countVerdicts(results);
  const words = [
    [counts.errors, 'could not be judged'],
    [counts.failed, 'failed'],
    [counts.acknowledged, 'failed and accepted'],
    [counts.warned, 'warned'],
    [counts.inconclusive, 'inconclusive'],
    [counts.passed, 'passed'],
    [counts['new-baseline'], 'without a baseline yet'],
    [counts['not-judged'], 'too small to judge'],
  ] as const;
  return words
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
}

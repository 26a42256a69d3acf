import { WORST_FIRST, type Verdict } from '../verdict.ts';

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
export function worstFirst<T extends { readonly verdict: Verdict }>(results: readonly T[]): T[] {
  return [...results].sort((a, b) => WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict));
}

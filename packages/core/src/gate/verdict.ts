/** What a violation does: red, a warning, or nothing but a line in the report. */
export type Severity = 'fail' | 'warn' | 'info';

/**
 * What a rule came to. `inconclusive`: the rows at hand do not tell, and the rule says what that means. `not-judged`: a
 * slice with fewer rows than the rule asks for. `acknowledged`: it fails, and somebody accepted these very numbers.
 */
export type Verdict =
  'error' | 'fail' | 'acknowledged' | 'warn' | 'inconclusive' | 'new-baseline' | 'not-judged' | 'pass';

/** What a verdict does to the whole gate. */
export type Effect = Exclude<Verdict, 'inconclusive' | 'acknowledged'>;

/** All verdicts, the worst first. */
export const WORST_FIRST = [
  'error',
  'fail',
  'acknowledged',
  'warn',
  'inconclusive',
  'new-baseline',
  'not-judged',
  'pass',
] as const satisfies readonly Verdict[];

/** The worst of several verdicts; an empty list is an error, because nothing was checked. */
export function worst<T extends Verdict>(verdicts: readonly T[]): T | 'error' {
  return (
    WORST_FIRST.find((verdict): verdict is T & (typeof WORST_FIRST)[number] =>
      (verdicts as readonly Verdict[]).includes(verdict),
    ) ?? 'error'
  );
}

/** What a verdict does that leaves nothing open. Who accepted a failure is warned of it. */
export function effectOfVerdict(verdict: Exclude<Verdict, 'inconclusive'>): Effect {
  return verdict === 'acknowledged' ? 'warn' : verdict;
}

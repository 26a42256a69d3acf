import { VARIABLES, type Clause, type Condition, type Variable } from './language.ts';

/** What an estimate that may be off by the tolerance says of a clause. */
export type Truth = 'true' | 'false' | 'unknown';

/** What happens to an unknown: no false acceptance (`fp-free`), or no false rejection (`fn-free`). */
export type Mode = 'fp-free' | 'fn-free';

/** The left side of a clause. */
export function valueOf({ factors }: Clause, estimates: Readonly<Record<Variable, number>>): number {
  // A variable that does not occur may be NaN.
  return VARIABLES.reduce((sum, v) => (factors[v] === 0 ? sum : sum + factors[v] * estimates[v]), 0);
}

/** True or false where the whole interval value ± tolerance lies on one side of the threshold, else unknown. */
export function truthOf({ comparison, threshold, tolerance }: Clause, value: number): Truth {
  const [low, high] = [value - tolerance, value + tolerance];
  if (comparison === '>') return low > threshold ? 'true' : high <= threshold ? 'false' : 'unknown';
  return high < threshold ? 'true' : low >= threshold ? 'false' : 'unknown';
}

/** Kleene's conjunction: false if one is false, true if all are true. */
export function conjunction(truths: readonly Truth[]): Truth {
  if (truths.includes('false')) return 'false';
  return truths.includes('unknown') ? 'unknown' : 'true';
}

/** Whether a model is accepted. */
export function accepts(truth: Truth, mode: Mode): boolean {
  return truth === 'true' || (truth === 'unknown' && mode === 'fn-free');
}

/**
 * Whether the condition can come out either way. One that always accepts checks nothing, and one that never does is a
 * mistake: `n > 0.99 +/- 0.05` asks for an accuracy above 1.04.
 */
export function canComeOut(condition: Condition, mode: Mode): { accepted: boolean; rejected: boolean } {
  const outcomes = condition.map((clause) => {
    const values = VARIABLES.map((v) => clause.factors[v]);
    const lowest = values.reduce((sum, factor) => sum + Math.min(0, factor), 0);
    const highest = values.reduce((sum, factor) => sum + Math.max(0, factor), 0);
    return [lowest, highest].map((value) => accepts(truthOf(clause, value), mode));
  });
  return {
    accepted: outcomes.every((ends) => ends.includes(true)),
    rejected: outcomes.some((ends) => ends.includes(false)),
  };
}

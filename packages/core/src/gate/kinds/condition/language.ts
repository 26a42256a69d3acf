/*
 * The conditions of ease.ml/ci (Renggli et al., "Continuous Integration of Machine Learning Models with ease.ml/ci",
 * MLSys 2019, arXiv:1903.00278).
 */

/** Accuracy of the new model, accuracy of the old one, and the share of rows whose predictions differ. */
export type Variable = 'n' | 'o' | 'd';

export const VARIABLES: readonly Variable[] = ['n', 'o', 'd'];

/** `2 * n - o`: a factor for each variable, 0 for one that does not occur; at least one is not 0. */
export type Factors = Readonly<Record<Variable, number>>;

/** `n - o > 0.02 +/- 0.01` */
export interface Clause {
  readonly factors: Factors;
  readonly comparison: '>' | '<';
  readonly threshold: number;
  /** How far the estimate may be from the truth; above 0. */
  readonly tolerance: number;
}

/** Clauses that must all hold; at least one. */
export type Condition = readonly Clause[];

/** Variables that occur, in the order n, o, d. */
export function variablesOf({ factors }: Clause): Variable[] {
  return VARIABLES.filter((variable) => factors[variable] !== 0);
}

/** The left side, as it is written: `n - 1.1 * o`. */
export function formatExpression(clause: Clause): string {
  return variablesOf(clause)
    .map((variable, i) => {
      const factor = clause.factors[variable];
      const size = Math.abs(factor);
      const sign = factor < 0 ? '-' : '+';
      const term = size === 1 ? variable : `${size} * ${variable}`;
      if (i === 0) return factor < 0 ? `-${term}` : term;
      return `${sign} ${term}`;
    })
    .join(' ');
}

/** The clause as it is written; parsing it gives the same clause. */
export function formatClause(clause: Clause): string {
  const { comparison, threshold, tolerance } = clause;
  return `${formatExpression(clause)} ${comparison} ${threshold} +/- ${tolerance}`;
}

/** The condition as it is written; parsing it gives the same condition. */
export function formatCondition(condition: Condition): string {
  return condition.map(formatClause).join(' /\\ ');
}

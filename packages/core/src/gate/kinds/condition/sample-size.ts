import { variablesOf, type Clause, type Condition } from './language.ts';

/**
 * What whoever changes the model learns of the verdicts on a test set: nothing until it is replaced (`none`), each of them
 * (`full`), or each up to the first acceptance, after which it is replaced (`first-change`).
 */
export type Adaptivity = 'none' | 'full' | 'first-change';

/** How sure a condition wants to be. */
export interface Assurance {
  /** 1 − δ, the probability that none of `steps` verdicts errs. */
  readonly reliability: number;
  readonly adaptivity: Adaptivity;
  /** Models that the test set may judge. */
  readonly steps: number;
}

/** Rows with which a clause's estimate is within its tolerance, and the inequality that says so. */
export interface RequiredRows {
  readonly rows: number;
  readonly bound: 'hoeffding' | 'bennett';
}

/**
 * Rows that each clause needs, so that all of them hold in all steps with the reliability asked for (section 3 of the paper).
 * δ is shared out evenly among the clauses. Only errors in the one direction that the mode guards against count, so the
 * bounds are one-sided.
 */
export function requiredRows(condition: Condition, assurance: Assurance): RequiredRows[] {
  return condition.map((clause) => rowsOfClause(clause, condition, assurance));
}

/**
 * The smallest tolerance that `rows` rows allow for a clause, rounded up to two digits. Undefined where none is: a
 * tolerance of all that the left side can be says nothing.
 */
export function reachableTolerance(
  clause: Clause,
  condition: Condition,
  assurance: Assurance,
  rows: number,
): number | undefined {
  const isEnough = (tolerance: number): boolean =>
    rowsOfClause({ ...clause, tolerance }, condition, assurance).rows <= rows;
  const span = sumOfSizes(clause);
  if (rows < 1 || !isEnough(span)) return undefined;
  let [low, high] = [0, span];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  const unit = 10 ** (Math.floor(Math.log10(high)) - 1);
  return Number((Math.ceil(high / unit) * unit).toPrecision(2));
}

function rowsOfClause(clause: Clause, condition: Condition, assurance: Assurance): RequiredRows {
  const delta = (1 - assurance.reliability) / condition.length;
  const hoeffding = { rows: hoeffdingRows(clause, delta, assurance), bound: 'hoeffding' } as const;
  const limit = limitOfDifference(condition);
  const { n, o, d } = clause.factors;
  if (limit === undefined || d !== 0 || n !== -o) return hoeffding;
  const rows = bennettRows(limit, clause.tolerance / Math.abs(n), delta, assurance);
  return rows < hoeffding.rows ? { rows, bound: 'bennett' } : hoeffding;
}

/**
 * ln of how many models could have been judged, whatever the verdicts before them were: H where only one path leads to each
 * step, 2^H where each verdict may lead to another model (sections 3.2 to 3.4).
 */
function logOfModels({ adaptivity, steps }: Assurance): number {
  return adaptivity === 'full' ? steps * Math.LN2 : Math.log(steps);
}

/**
 * Hoeffding's inequality for each of v variables in [0, 1], the tolerance ε shared out by their factors so that all need as
 * many rows: (ln(v/δ) + L) · (Σ|a|)² / (2ε²). For n − o that is (ln(2/δ) + L) / (2(ε/2)²).
 */
function hoeffdingRows(clause: Clause, delta: number, assurance: Assurance): number {
  const exponent = Math.log(variablesOf(clause).length / delta) + logOfModels(assurance);
  return Math.ceil((exponent * sumOfSizes(clause) ** 2) / (2 * clause.tolerance ** 2));
}

/**
 * Bennett's inequality for n − o where no more than the share p of predictions differs, which bounds the variance of a row's
 * difference (section 4.1): (ln(2/δ) + L) / (p · h(ε/p)) with h(u) = (1 + u) ln(1 + u) − u. With δ halved for the two
 * clauses it is the paper's ln(4/δ).
 */
function bennettRows(p: number, tolerance: number, delta: number, assurance: Assurance): number {
  const u = tolerance / p;
  const h = (1 + u) * Math.log1p(u) - u;
  return Math.ceil((Math.log(2 / delta) + logOfModels(assurance)) / (p * h));
}

/** The A of a clause `d < A`, the smallest of several; undefined without one. */
function limitOfDifference(condition: Condition): number | undefined {
  const limits = condition
    .filter((clause) => clause.factors.n === 0 && clause.factors.o === 0)
    .filter(({ factors, comparison }) => factors.d > 0 === (comparison === '<'))
    .map(({ factors, threshold }) => threshold / factors.d)
    .filter((limit) => limit > 0);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function sumOfSizes({ factors }: Clause): number {
  return Math.abs(factors.n) + Math.abs(factors.o) + Math.abs(factors.d);
}

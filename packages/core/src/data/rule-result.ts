import { describeExpectation, fulfils, type Expectation, type Rule } from './rules.ts';
import type { RowPlace, Table } from './table.ts';

export type Verdict = 'pass' | 'warn' | 'fail' | 'error' | 'info';

/** What became of one rule on one data set. */
export interface RuleResult {
  readonly id: string;
  readonly dataSet: string;
  readonly column?: string;
  readonly kind: string;
  readonly verdict: Verdict;
  readonly severity: 'fail' | 'warn';
  /** Rows counted: those that violate the rule, or for rowCount all rows. */
  readonly count?: number;
  /** `count` over all rows, 0 to 1. */
  readonly share?: number;
  /** At most ten, in order. Empty for a rule that is not about single rows. */
  readonly places: readonly RowPlace[];
  /** Values of those rows, only when asked for. */
  readonly samples?: readonly string[];
  readonly message: string;
  /** Where the rule stands in the contract; absent for what is checked without one. */
  readonly path?: readonly (string | number)[];
}

/** How many row numbers are reported per rule. */
export const FIRST_ROWS = 10;

/** The result of a rule that counts rows; `words` continue "12 of 100 rows …". */
export function verdictOf(
  rule: Rule,
  kind: string,
  table: Table,
  count: number,
  expect: Expectation,
  words: string,
): Omit<RuleResult, 'places'> {
  const share = table.rows === 0 ? 0 : count / table.rows;
  const unconditional = expect.comparison.operator === 'mustBe' && expect.comparison.value === 0;
  const limit = unconditional ? '' : `; expected ${describeExpectation(expect)}`;
  return {
    id: rule.id,
    dataSet: table.name,
    kind,
    verdict: holds(count, expect, table.rows) ? 'pass' : rule.severity,
    severity: rule.severity,
    count,
    share,
    message: `${formatCount(count)} of ${formatCount(table.rows)} rows (${percent(share)}) ${words}${limit}.`,
    path: rule.path,
  };
}

/** Whether a count of rows is what was expected. Percentages are over all rows, missing values included (ODCS). */
export function holds(count: number, { comparison, unit }: Expectation, rows: number): boolean {
  return fulfils(unit === 'rows' ? count : rows === 0 ? 0 : (count / rows) * 100, comparison);
}

/** A count with thousands separated, the same on every machine. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** A share in percent with as many digits as it takes to tell it from 0 and from 100. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0 || value === 100) return `${value} %`;
  return `${value < 0.01 ? '< 0.01' : value > 99.99 ? '> 99.99' : value.toPrecision(value < 1 ? 2 : 4).replace(/\.?0+$/, '')} %`;
}

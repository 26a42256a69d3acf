/** Types of a value in the sense of ODCS. */
export type LogicalType =
  'string' | 'date' | 'timestamp' | 'time' | 'number' | 'integer' | 'object' | 'array' | 'boolean';

/** How a count is compared; `between` includes both ends, as ODCS's table (∈) and datacontract-cli do. */
export type Comparison =
  | { readonly operator: 'mustBe' | 'mustNotBe'; readonly value: number }
  | {
      readonly operator:
        'mustBeGreaterThan' | 'mustBeGreaterOrEqualTo' | 'mustBeLessThan' | 'mustBeLessOrEqualTo';
      readonly value: number;
    }
  | { readonly operator: 'mustBeBetween' | 'mustNotBeBetween'; readonly value: readonly [number, number] };

export type Bound = 'minimum' | 'maximum' | 'exclusiveMinimum' | 'exclusiveMaximum';

/** What is looked at in one row at a time; rows that violate it are counted. */
export type Check =
  | { readonly kind: 'type'; readonly type: LogicalType; readonly format?: string }
  | { readonly kind: 'required' | 'nullValues' }
  | {
      readonly kind: 'bound';
      readonly bound: Bound;
      readonly limit: number | string;
      readonly type: LogicalType;
    }
  | { readonly kind: 'multipleOf'; readonly step: number }
  | { readonly kind: 'length'; readonly bound: 'minLength' | 'maxLength'; readonly limit: number }
  | { readonly kind: 'pattern'; readonly pattern: string }
  | { readonly kind: 'format'; readonly format: string }
  | { readonly kind: 'missingValues'; readonly missing: readonly Scalar[] }
  | {
      readonly kind: 'invalidValues';
      readonly valid?: readonly Scalar[];
      readonly pattern?: string;
      readonly missing: readonly Scalar[];
    };

export type Scalar = string | number | boolean | null;

/** A rule of a contract for one data set. */
export type Rule = {
  /** Unique within the contract's object, such as `distance.minimum`. */
  readonly id: string;
  /** Where it stands in the contract. */
  readonly path: readonly (string | number)[];
  readonly severity: 'fail' | 'warn';
} & (
  | { readonly on: 'column'; readonly column: string; readonly check: { readonly kind: 'presence' } }
  | { readonly on: 'values'; readonly column: string; readonly check: Check; readonly expect: Expectation }
  | {
      readonly on: 'key';
      readonly kind: 'unique' | 'primaryKey' | 'duplicateValues';
      readonly columns: readonly string[];
      readonly expect: Expectation;
    }
  | { readonly on: 'table'; readonly kind: 'rowCount'; readonly expect: Expectation }
  /** A rule that cannot be judged (`error`), or prose for people (`info`). */
  | {
      readonly on: 'nothing';
      readonly column?: string;
      readonly verdict: 'error' | 'info';
      readonly why: string;
    }
);

/** What the count, or its share of all rows in percent, has to be. */
export interface Expectation {
  readonly comparison: Comparison;
  readonly unit: 'rows' | 'percent';
}

/** Nothing may violate. */
export const NONE: Expectation = { comparison: { operator: 'mustBe', value: 0 }, unit: 'rows' };

/** Whether a value fulfils a comparison. */
export function fulfils(value: number, comparison: Comparison): boolean {
  switch (comparison.operator) {
    case 'mustBe':
      return value === comparison.value;
    case 'mustNotBe':
      return value !== comparison.value;
    case 'mustBeGreaterThan':
      return value > comparison.value;
    case 'mustBeGreaterOrEqualTo':
      return value >= comparison.value;
    case 'mustBeLessThan':
      return value < comparison.value;
    case 'mustBeLessOrEqualTo':
      return value <= comparison.value;
    case 'mustBeBetween':
      return value >= comparison.value[0] && value <= comparison.value[1];
    case 'mustNotBeBetween':
      return value < comparison.value[0] || value > comparison.value[1];
  }
}

/** A comparison in words: `less than 1 %`. */
export function describeExpectation({ comparison, unit }: Expectation): string {
  const suffix = unit === 'percent' ? ' %' : '';
  const words = {
    mustBe: '',
    mustNotBe: 'not ',
    mustBeGreaterThan: 'more than ',
    mustBeGreaterOrEqualTo: 'at least ',
    mustBeLessThan: 'less than ',
    mustBeLessOrEqualTo: 'at most ',
    mustBeBetween: 'between ',
    mustNotBeBetween: 'not between ',
  }[comparison.operator];
  const value =
    typeof comparison.value === 'number' ? String(comparison.value) : comparison.value.join(' and ');
  return `${words}${value}${suffix}`;
}

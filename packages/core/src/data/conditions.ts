import { INTEGER_FORMATS, STRING_FORMATS } from './formats.ts';
import { literal } from './duckdb.ts';
import type { Bound, Check, LogicalType } from './rules.ts';
import type { Column } from './table.ts';
import { fullMatch, isOneOf, momentOf, numberOf, sqlNumber, textOf, typeViolation } from './values.ts';

/** A check over one column as a query needs it. */
export interface Condition {
  /** SQL that is true for a row that violates the check; never NULL. */
  readonly sql: string;
  /** What such a row is, continuing "12 of 100 rows …". */
  readonly words: string;
}

const OPERATORS: Readonly<Record<Bound, { sql: string; words: string }>> = {
  minimum: { sql: '<', words: 'below' },
  maximum: { sql: '>', words: 'above' },
  exclusiveMinimum: { sql: '<=', words: 'not above' },
  exclusiveMaximum: { sql: '>=', words: 'not below' },
};

/** How far a quotient may be from a whole number: decimal steps such as 0.1 have no exact binary form. */
const MULTIPLE_TOLERANCE = 1e-9;

/**
 * The condition of a check. `unmatched` is the SQL of a sub-query with the values that the check's pattern, if it has
 * one, does not match. A value of another type than a bound needs is left to the type rule; NaN is outside every bound.
 */
export function conditionOf(check: Check, column: Column, unmatched: string, format?: string): Condition {
  switch (check.kind) {
    case 'type': {
      const { sql, why } = typeViolation(column, check.type, check.format);
      return { sql: sure(sql), words: `are no ${check.type}${why === undefined ? '' : ` (${why})`}` };
    }
    case 'required':
    case 'nullValues':
      return { sql: `${column.sql} IS NULL`, words: 'have no value' };
    case 'bound':
      return boundCondition(check, column, format);
    case 'multipleOf': {
      const quotient = `${numberOf(column)} / ${sqlNumber(check.step)}`;
      return {
        sql: sure(`abs(${quotient} - round(${quotient})) > ${MULTIPLE_TOLERANCE}`),
        words: `are no multiple of ${check.step}`,
      };
    }
    case 'length': {
      const operator = check.bound === 'minLength' ? '<' : '>';
      return {
        sql: sure(`length(${textOf(column)}) ${operator} ${check.limit}`),
        words: `are ${check.bound === 'minLength' ? 'shorter' : 'longer'} than ${check.limit} characters`,
      };
    }
    case 'pattern':
      return { sql: sure(`${textOf(column)} IN ${unmatched}`), words: 'do not match the pattern' };
    case 'format':
      return formatCondition(check.format, column);
    case 'missingValues':
      return { sql: isOneOf(column, check.missing), words: 'have a missing value' };
    case 'invalidValues': {
      const wrong = [
        ...(check.valid === undefined ? [] : [`NOT ${isOneOf(column, check.valid)}`]),
        ...(check.pattern === undefined ? [] : [`${textOf(column)} IN ${unmatched}`]),
      ].join(' OR ');
      const present = `${column.sql} IS NOT NULL AND NOT ${isOneOf(column, check.missing)}`;
      return { sql: sure(`${present} AND (${wrong})`), words: 'have an invalid value' };
    }
  }
}

/** The columns' pattern, whose unmatched values have to be found before `conditionOf`. */
export function patternOf(check: Check): string | undefined {
  return check.kind === 'pattern' || check.kind === 'invalidValues' ? check.pattern : undefined;
}

function sure(condition: string): string {
  return `coalesce(${condition}, false)`;
}

function boundCondition(
  check: Extract<Check, { kind: 'bound' }>,
  column: Column,
  format: string | undefined,
): Condition {
  const { sql: operator, words } = OPERATORS[check.bound];
  const described = `are ${words} ${String(check.limit)}`;
  if (typeof check.limit === 'number') {
    const value = numberOf(column);
    return {
      sql: sure(`isnan(${value}) OR ${value} ${operator} ${sqlNumber(check.limit)}`),
      words: described,
    };
  }
  const type = momentType(check.type);
  const limit = `CAST(${literal(check.limit)} AS ${type === 'timestamp' ? 'TIMESTAMPTZ' : type})`;
  return { sql: sure(`${momentOf(column, type, format)} ${operator} ${limit}`), words: described };
}

function momentType(type: LogicalType): 'date' | 'timestamp' | 'time' {
  if (type === 'date' || type === 'timestamp' || type === 'time') return type;
  throw new TypeError(`a text bound needs a date, timestamp or time, not ${type}`);
}

function formatCondition(format: string, column: Column): Condition {
  const words = `are not in the format ${format}`;
  const engine = INTEGER_FORMATS[format];
  if (engine !== undefined) {
    // From the value itself, not through DOUBLE, which cannot hold the largest integers.
    const fits = `TRY_CAST(${column.sql} AS ${engine}) IS NOT NULL`;
    return { sql: sure(`${numberOf(column)} IS NOT NULL AND NOT ${fits}`), words };
  }
  if (format === 'f32') {
    return { sql: sure(`abs(${numberOf(column)}) > 3.4028234663852886e38`), words };
  }
  if (format === 'f64') return { sql: 'false', words };
  const pattern = STRING_FORMATS[format as keyof typeof STRING_FORMATS];
  return { sql: sure(`NOT ${fullMatch(textOf(column), pattern)}`), words };
}

import { literal } from './duckdb.ts';
import { translateDateFormat, type DateFormat } from './date-format.ts';
import type { LogicalType, Scalar } from './rules.ts';
import type { Column } from './table.ts';

/*
 * SQL expressions over one column. Text is tested by regular expressions and never by TRY_CAST alone, which reads 1.9
 * as the integer 2, 1_000 as 1000 and ' 7' as 7.
 */

const INTEGER = String.raw`[+-]?\d+(?:\.0*)?`;
const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const BOOLEAN = 'true|false|True|False|TRUE|FALSE';
const TIME = String.raw`\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?`;
const DATE = String.raw`\d{4}-\d{2}-\d{2}`;
const TIMESTAMP = String.raw`${DATE}[T ]${TIME}(?:Z|[+-]\d{2}(?::?\d{2})?)?`;

const WHOLE = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
const FRACTIONAL = /^(FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const ENGINE_TYPES = { date: 'DATE', timestamp: 'TIMESTAMPTZ', time: 'TIME' } as const;

/** `text` matches the whole of `pattern`. */
export function fullMatch(text: string, pattern: string): string {
  return `regexp_full_match(${text}, ${literal(pattern)})`;
}

/** The value as text, NULL where missing. */
export function textOf(column: Column): string {
  return column.storage === 'typed' ? `CAST(${column.sql} AS VARCHAR)` : column.sql;
}

/** Whether the column can hold numbers at all. */
export function isNumeric(column: Column): boolean {
  return (
    column.storage !== 'typed' || column.types.every((type) => WHOLE.test(type) || FRACTIONAL.test(type))
  );
}

/** The value as DOUBLE; NULL where it is missing or no number. NaN and infinity of Parquet pass through. */
export function numberOf(column: Column): string {
  if (column.storage === 'typed') return isNumeric(column) ? `CAST(${column.sql} AS DOUBLE)` : 'NULL::DOUBLE';
  return `CASE WHEN ${fullMatch(column.sql, NUMBER)} THEN CAST(${column.sql} AS DOUBLE) END`;
}

/** The value as a date, timestamp (UTC where no zone is given) or time; NULL where it is missing or none. */
export function momentOf(column: Column, type: keyof typeof ENGINE_TYPES, format?: string): string {
  const engine = ENGINE_TYPES[type];
  if (column.storage === 'typed') return `TRY_CAST(${column.sql} AS ${engine})`;
  const translated = format === undefined ? undefined : translateDateFormat(format);
  const pattern = translated?.pattern ?? { date: DATE, timestamp: TIMESTAMP, time: TIME }[type];
  const parsed =
    translated === undefined
      ? `TRY_CAST(${column.sql} AS ${engine})`
      : `CAST(TRY_STRPTIME(${withOffset(column.sql, translated)}, ${literal(translated.strptime)}) AS ${engine})`;
  return `CASE WHEN ${fullMatch(column.sql, pattern)} THEN ${parsed} END`;
}

/** A time that ends with an offset, as the engine reads it: it does not know that Z is one. */
function withOffset(sql: string, { strptime }: DateFormat): string {
  return strptime.endsWith('%z') ? `regexp_replace(${sql}, 'Z$', '+00')` : sql;
}

/** A condition that is true where a value that is there is not of the type. `why` says more when all of them are not. */
export function typeViolation(
  column: Column,
  type: LogicalType,
  format?: string,
): { sql: string; why?: string } {
  if (column.storage === 'typed') return typedViolation(column, type);
  const present = `${column.sql} IS NOT NULL`;
  if (column.storage === 'json') {
    const allowed = JSON_TYPES[type].map(literal).join(', ');
    const wrong = `${column.sql}_type NOT IN (${allowed})`;
    const inner = innerViolation(column, type, format);
    return { sql: `${present} AND (${wrong}${inner === undefined ? '' : ` OR ${inner}`})` };
  }
  if (type === 'object' || type === 'array')
    return { sql: present, why: `a CSV file cannot hold an ${type}` };
  const inner = innerViolation(column, type, format);
  return { sql: inner === undefined ? 'false' : `${present} AND ${inner}` };
}

const JSON_TYPES: Readonly<Record<LogicalType, readonly string[]>> = {
  string: ['VARCHAR'],
  date: ['VARCHAR'],
  timestamp: ['VARCHAR'],
  time: ['VARCHAR'],
  number: ['BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE'],
  integer: ['BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE'],
  boolean: ['BOOLEAN'],
  object: ['OBJECT'],
  array: ['ARRAY'],
};

/** True where a text is not of the type; undefined for types that every text has. */
function innerViolation(column: Column, type: LogicalType, format?: string): string | undefined {
  switch (type) {
    case 'integer':
      return `NOT ${fullMatch(column.sql, INTEGER)}`;
    case 'number':
      // A text such as 1e999 is written like a number and still is none that can be computed with.
      return `(NOT ${fullMatch(column.sql, NUMBER)} OR isinf(${numberOf(column)}))`;
    case 'boolean':
      return `NOT ${fullMatch(column.sql, BOOLEAN)}`;
    case 'date':
    case 'timestamp':
    case 'time':
      return `(${momentOf(column, type, format)}) IS NULL`;
    case 'string':
    case 'object':
    case 'array':
      return undefined;
  }
}

function typedViolation(column: Column, type: LogicalType): { sql: string; why?: string } {
  const { sql, types } = column;
  const wrong = types.filter((found) => !acceptable(found, type));
  if (wrong.length > 0) {
    return { sql: `${sql} IS NOT NULL`, why: `the files hold ${[...new Set(wrong)].join(' and ')}` };
  }
  const fractional = types.some((found) => FRACTIONAL.test(found));
  if (fractional && type === 'number') return { sql: `NOT isfinite(${numberOf(column)})` };
  if (fractional && type === 'integer') {
    return {
      sql: `(NOT isfinite(${numberOf(column)}) OR ${numberOf(column)} <> trunc(${numberOf(column)}))`,
    };
  }
  return { sql: 'false' };
}

function acceptable(found: string, type: LogicalType): boolean {
  switch (type) {
    case 'integer':
    case 'number':
      return WHOLE.test(found) || FRACTIONAL.test(found);
    case 'boolean':
      return found === 'BOOLEAN';
    case 'string':
      return found === 'VARCHAR' || found === 'UUID' || found.startsWith('ENUM');
    case 'date':
      return found === 'DATE';
    case 'timestamp':
      return found.startsWith('TIMESTAMP');
    case 'time':
      return found.startsWith('TIME') && !found.startsWith('TIMESTAMP');
    case 'object':
      return found.startsWith('STRUCT') || found.startsWith('MAP');
    case 'array':
      return /\[\d*\]$/.test(found);
  }
}

/**
 * Where a value is one of the list. Numbers are compared as numbers, booleans without case, null is a missing value; a
 * CSV cannot tell an empty text from a missing one.
 */
export function isOneOf(column: Column, list: readonly Scalar[]): string {
  const texts = list.filter((item) => typeof item === 'string');
  const numbers = list.filter((item) => typeof item === 'number');
  const booleans = list.filter((item) => typeof item === 'boolean');
  const parts = [
    texts.length > 0 ? `${textOf(column)} IN (${texts.map(literal).join(', ')})` : undefined,
    numbers.length > 0 ? `${numberOf(column)} IN (${numbers.map(sqlNumber).join(', ')})` : undefined,
    booleans.length > 0
      ? `lower(${textOf(column)}) IN (${booleans.map((b) => `'${b}'`).join(', ')})`
      : undefined,
  ].filter((part) => part !== undefined);
  const present = parts.map((part) => `coalesce(${part}, false)`);
  const empty = list.includes(null) || (column.storage === 'text' && list.includes(''));
  return `(${[...(empty ? [`${column.sql} IS NULL`] : []), ...present].join(' OR ') || 'false'})`;
}

/** A finite number as an SQL literal of type DOUBLE. */
export function sqlNumber(value: number): string {
  return `CAST(${literal(String(value))} AS DOUBLE)`;
}

/**
 * The value in the form that decides whether two are the same: numbers by value where the contract or the file says
 * number, everything else by its text.
 */
export function identityOf(column: Column, type: LogicalType | undefined): string {
  if (column.storage === 'typed') return column.sql;
  if (type === 'integer' || type === 'number') {
    return `coalesce(CAST(${numberOf(column)} AS VARCHAR), ${column.sql})`;
  }
  return column.sql;
}

import { toNumber, type Database } from './duckdb.ts';
import { FIRST_ROWS } from './rule-result.ts';
import type { LogicalType } from './rules.ts';
import type { Column, Table } from './table.ts';
import { identityOf } from './values.ts';

/** Rows whose key an earlier row has already. */
export interface Duplicates {
  readonly count: number;
  /** Numbers (`g`) of the first ten of them. */
  readonly rows: readonly number[];
}

/**
 * Counts the rows that repeat an earlier key: of 1, 2, 2, 3, 3, 3 these are three (rows minus distinct keys, as Soda
 * counts; datacontract-cli counts the two repeated keys). A key with a missing part is no key, as in SQL.
 */
export async function keyDuplicates(
  database: Database,
  table: Table,
  columns: readonly Column[],
  types: readonly (LogicalType | undefined)[],
): Promise<Duplicates> {
  const parts = columns.map((column, index) => identityOf(column, types[index]));
  const key = parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(', ')})`;
  const present = columns.map((column) => `${column.sql} IS NOT NULL`).join(' AND ');
  const counted = await database.rows(
    `SELECT count(*) - count(DISTINCT ${key}) AS n FROM ${table.relation} WHERE ${present}`,
  );
  const count = toNumber(counted[0]?.['n']);
  if (count === 0) return { count, rows: [] };
  const rows = await database.rows(
    `SELECT g FROM ${table.relation} WHERE ${present} AND g NOT IN (SELECT min(g) FROM ${table.relation} WHERE ${present} GROUP BY ${parts.join(', ')}) ORDER BY g LIMIT ${FIRST_ROWS}`,
  );
  return { count, rows: rows.map((row) => toNumber(row['g'])) };
}

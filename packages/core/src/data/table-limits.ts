import { UserError, errorMessage } from '../action/errors.ts';
import { toNumber, type Database } from './duckdb.ts';
import type { Table } from './table.ts';

/** How much a file may hold, however little room it takes while it is packed. */
export interface ReadLimits {
  /** Rows times columns. */
  readonly values: number;
  /** Bytes of all values as text. */
  readonly textBytes: number;
}

/**
 * Throws `unreadable-data` for a table that holds more than allowed, before any of it is taken into memory: packed data may
 * unfold to a million times their size.
 */
export async function refuseTooLarge(database: Database, table: Table, limits: ReadLimits): Promise<void> {
  const where = table.files.map((file) => file.path).join(', ');
  const values = table.rows * table.columns.length;
  if (values > limits.values) {
    throw tooLarge(
      `${where} has ${table.rows} rows of ${table.columns.length} columns, ${values} values`,
      `${limits.values} values`,
    );
  }
  const lengths = table.columns.map(({ sql }) => `coalesce(sum(strlen(CAST(${sql} AS VARCHAR))), 0)`);
  const [row] = await database
    .rows(`SELECT ${lengths.join(' + ')} AS n FROM ${table.relation}`)
    .catch((error: unknown) => {
      const [first = ''] = errorMessage(error).split('\n', 1);
      throw tooLarge(`${where} cannot be unpacked: ${first}`, `${limits.textBytes} bytes of values`);
    });
  const bytes = toNumber(row?.['n']);
  if (bytes > limits.textBytes) {
    throw tooLarge(`${where} unfolds to ${bytes} bytes of values`, `${limits.textBytes} bytes`);
  }
}

function tooLarge(what: string, allowed: string): UserError {
  return new UserError(
    'unreadable-data',
    `${what}; it may have ${allowed}. Write fewer columns, or a smaller test set.`,
  );
}

import { UserError, errorMessage } from '../action/errors.ts';
import { LIMITS } from '../action/limits.ts';
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

/** Throws `unreadable-data` for more columns than can be checked one by one. */
export function refuseTooWide(file: string, columns: number): void {
  if (columns <= LIMITS.columns) return;
  throw new UserError(
    'unreadable-data',
    `${file} has ${columns} columns or more; a data set may have ${LIMITS.columns}. Put what belongs together into one column, or into a row of its own.`,
  );
}

/** Throws `unreadable-data` for a packed text that has unfolded to more than its size allows. */
export function refuseUnfolded(file: string, packed: number, bytes: number): void {
  const { unfolded } = LIMITS;
  const most = Math.max(unfolded.bytes, unfolded.times * packed);
  if (bytes <= most) return;
  throw new UserError(
    'unreadable-data',
    `${file} has ${packed} bytes and unfolds to more than ${most}; a packed file may unfold to ${unfolded.bytes} bytes (256 MiB), or to ${unfolded.times} times its size where that is more. Check how it was written, or commit it unpacked.`,
  );
}

/** Throws `unreadable-data` for a Parquet file that says of itself that it holds more than its size allows. */
export function refuseTooMany(file: string, packed: number, values: number): void {
  const { most, perByte } = LIMITS.values;
  const allowed = Math.max(most, perByte * packed);
  if (values <= allowed) return;
  throw new UserError(
    'unreadable-data',
    `${file} has ${packed} bytes and says that it holds ${values} values; a file may hold ${most}, or ${perByte} for each of its bytes where that is more. Check how it was written.`,
  );
}

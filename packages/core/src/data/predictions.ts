import { UserError } from '../action/errors.ts';
import { LIMITS } from '../action/limits.ts';
import { newCells, type Cells } from './cells.ts';
import type { Database } from './duckdb.ts';
import type { DataFile } from './files.ts';
import { openData, type Column, type OpenDataOptions, type RowPlace, type Table } from './table.ts';
import { refuseTooLarge, type ReadLimits } from './table-limits.ts';

/** One column of predictions, converted on demand. Methods throw `unreadable-data` naming file and row. */
export interface PredictionColumn {
  readonly name: string;
  readonly length: number;
  /** The value exactly as written, `null` where missing. A Parquet number becomes its shortest decimal text. */
  readonly at: (row: number) => string | null;
  readonly isMissing: (row: number) => boolean;
  /** All values as `at` has them. Equal texts share their memory where there are few different ones. */
  readonly texts: () => readonly (string | null)[];
  /** Whether `holds` is true of every text that is not missing. */
  readonly everyText: (holds: (text: string) => boolean) => boolean;
  /**
   * Values as numbers, NaN where missing. Text has to be a decimal number, `nan`, `inf` or a boolean (1 or 0);
   * NaN and infinity pass through for the caller to judge. Not to be written to.
   */
  readonly numbers: () => Float64Array;
}

/** A predictions file (or several as one), rows in file order. */
export interface Predictions {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, PredictionColumn>;
  /** Where a row (0-based) stands, for messages. */
  readonly place: (row: number) => RowPlace;
}

export interface ReadPredictionsOptions extends OpenDataOptions {
  /** Read these columns alone, as far as they are there; default all. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Narrower bounds, for files that nobody here has written. */
  readonly limits?: ReadLimits | undefined;
}

/**
 * Reads predictions from Parquet, CSV or JSON Lines (by extension, or `options.format`). CSV stays text until a column
 * is asked for. Throws `unreadable-data` for a file that cannot be read or has ragged lines, and `no-rows` when empty.
 */
export async function readPredictions(
  files: readonly DataFile[],
  options: ReadPredictionsOptions = {},
): Promise<Predictions> {
  const { database, tables, close } = await openData([{ name: 'predictions', files }], options);
  try {
    const table = tables[0] as Table;
    refuseUnusable(table);
    await refuseTooLarge(database, table, options.limits ?? LIMITS.predictions);
    const columns = await readColumns(
      database,
      table,
      table.columns.filter(({ name }) => options.only?.has(name) ?? true),
    );
    return {
      rows: table.rows,
      columns: new Map(columns.map((column) => [column.name, column])),
      place: (row) => table.place(row),
    };
  } finally {
    await close();
  }
}

function refuseUnusable(table: Table): void {
  const where = table.files.map((f) => f.path).join(', ');
  const bad = table.bad[0];
  if (bad !== undefined) {
    throw new UserError(
      'unreadable-data',
      `${bad.file.path}:${bad.line} ${bad.problem}; ${table.bad.length} such record(s) in all. Write the predictions again with one value per column in every row.`,
    );
  }
  const gap = table.gaps[0];
  if (gap !== undefined) {
    throw new UserError(
      'unreadable-data',
      `${gap.file.path} has no column '${gap.column}', which other prediction files have. Write the same columns to every file.`,
    );
  }
  if (table.rows === 0) {
    throw new UserError('no-rows', `${where} has no rows. Check that the evaluation wrote its predictions.`);
  }
}

async function readColumns(
  database: Database,
  table: Table,
  wanted: readonly Column[],
): Promise<PredictionColumn[]> {
  const exact = await exactIntegers(database, table.relation, wanted);
  const reads = wanted.map((column) => asRead(column, exact.has(column)));
  const cells = reads.map(({ kind }) => newCells(table.rows, kind));
  const list = ['CAST(g AS DOUBLE)', ...reads.map(({ sql }) => sql)].join(', ');
  let next = 0;
  // Without ORDER BY, which would hold all of it at once: a scan keeps the order of the file.
  await database.stream(`SELECT ${list} FROM ${table.relation}`, ({ rows, at }) => {
    for (let row = 0; row < rows; row++) {
      if (at(0, row) !== next++) throw new Error(`row ${next} of ${table.name} came out of order`);
      cells.forEach((column, c) => column.push(at(c + 1, row)));
    }
  });
  return wanted.map((column, c) => predictionColumn(column.name, cells[c] as Cells, table));
}

interface Read {
  readonly sql: string;
  readonly kind: Parameters<typeof newCells>[1];
}

/** Wide numbers and everything that is neither number nor boolean come as text, so that no digit is lost. */
function asRead(column: Column, isExact: boolean): Read {
  const all = (pattern: RegExp): boolean =>
    column.types.length > 0 && column.types.every((type) => pattern.test(type));
  if (all(/^BOOLEAN$/)) return { sql: column.sql, kind: 'boolean' };
  if (isExact || all(/^(U?(TINY|SMALL)INT|U?INTEGER|FLOAT|DOUBLE)$/)) {
    return { sql: `CAST(${column.sql} AS DOUBLE)`, kind: 'number' };
  }
  return { sql: `CAST(${column.sql} AS VARCHAR)`, kind: 'text' };
}

/** The 64-bit columns all of whose values are exact as doubles. */
async function exactIntegers(
  database: Database,
  relation: string,
  columns: readonly Column[],
): Promise<Set<Column>> {
  const wide = columns.filter(
    ({ types }) => types.length > 0 && types.every((type) => /^U?BIGINT$/.test(type)),
  );
  if (wide.length === 0) return new Set();
  const list = wide.map(
    ({ sql }) =>
      `coalesce(max(${sql}) <= ${Number.MAX_SAFE_INTEGER} AND min(${sql}) >= ${Number.MIN_SAFE_INTEGER}, true)`,
  );
  const found = await database.columns(`SELECT ${list.join(', ')} FROM ${relation}`);
  return new Set(wide.filter((_, i) => found[i]?.[0] === true));
}

function predictionColumn(name: string, cells: Cells, table: Table): PredictionColumn {
  return {
    name,
    length: cells.length,
    at: (row) => cells.at(row),
    isMissing: (row) => cells.isMissing(row),
    texts: () => Array.from({ length: cells.length }, (_, row) => cells.at(row)),
    everyText: (holds) => cells.everyText(holds),
    numbers: () => {
      const found = cells.numbers();
      if ('badRow' in found) throw notANumber(name, table.place(found.badRow));
      return found;
    },
  };
}

function notANumber(name: string, { file, row }: RowPlace): UserError {
  return new UserError(
    'unreadable-data',
    `Column '${name}' of ${file.path} has a value in row ${row} that is not a number. Write numbers, or name another column in gate.columns.`,
  );
}

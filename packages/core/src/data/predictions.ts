import { UserError } from '../action/errors.ts';
import type { Cell } from './duckdb.ts';
import type { DataFile } from './files.ts';
import { openData, type Column, type OpenDataOptions, type RowPlace, type Table } from './table.ts';
import { refuseTooLarge, type ReadLimits } from './read-limits.ts';

/** One column of predictions, converted on demand. Methods throw `unreadable-data` naming file and row. */
export interface PredictionColumn {
  readonly name: string;
  /** Values exactly as written, `null` where missing: for ids. A Parquet number becomes its shortest decimal text. */
  readonly texts: () => readonly (string | null)[];
  /**
   * Values as class names, `null` where missing: when every value is a number, `1`, `1.0` and `01` are the same class
   * `1`; when every value is a boolean, the classes are `true` and `false`.
   */
  readonly labels: () => readonly (string | null)[];
  /**
   * Values as numbers, NaN where missing. Text has to be a decimal number, `nan`, `inf` or a boolean (1 or 0);
   * NaN and infinity pass through for the caller to judge.
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
  /** Bounds for files that nobody here has written. */
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
    if (options.limits !== undefined) await refuseTooLarge(database, table, options.limits);
    const wanted = table.columns.filter(({ name }) => options.only?.has(name) ?? true);
    const list = wanted.map((column) => asRead(column)).join(', ') || 'g';
    const cells = await database.columns(`SELECT ${list} FROM ${table.relation} ORDER BY g`);
    const columns = wanted.map((column, index) => predictionColumn(column.name, cells[index] ?? [], table));
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

/** Wide numbers and everything that is neither number nor boolean come as text, so that no digit is lost. */
function asRead(column: Column): string {
  const plain = /^(BOOLEAN|U?(TINY|SMALL)INT|U?INTEGER|FLOAT|DOUBLE)$/;
  const native = column.types.length > 0 && column.types.every((type) => plain.test(type));
  return native ? column.sql : `CAST(${column.sql} AS VARCHAR)`;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const SPECIAL: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  infinity: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  '-infinity': -Infinity,
  true: 1,
  false: 0,
};

function predictionColumn(name: string, cells: readonly Cell[], table: Table): PredictionColumn {
  const texts = (): (string | null)[] => cells.map((cell) => (cell === null ? null : String(cell)));
  return {
    name,
    texts,
    labels: () => canonical(texts()),
    numbers: () =>
      Float64Array.from(cells, (cell, row) => {
        const value = numberOf(cell);
        if (value !== undefined) return value;
        const { file, row: at } = table.place(row);
        throw new UserError(
          'unreadable-data',
          `Column '${name}' of ${file.path} has a value in row ${at} that is not a number. Write numbers, or name another column in gate.columns.`,
        );
      }),
  };
}

function numberOf(cell: Cell): number | undefined {
  if (cell === null) return NaN;
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'boolean') return Number(cell);
  const text = String(cell).trim();
  return NUMBER.test(text) ? Number(text) : SPECIAL[text.toLowerCase()];
}

function canonical(texts: readonly (string | null)[]): (string | null)[] {
  if (texts.every((text) => text === null || NUMBER.test(text))) {
    return texts.map((text) => (text === null ? null : String(Number(text))));
  }
  if (texts.every((text) => text === null || /^(true|false)$/i.test(text))) {
    return texts.map((text) => text?.toLowerCase() ?? null);
  }
  return [...texts];
}

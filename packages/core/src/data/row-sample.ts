import { literal, toNumber } from './duckdb.ts';
import type { DataFile } from './files.ts';
import { openData, type Column, type OpenDataOptions, type Table } from './table.ts';

/** Rows of a table as far as other tables can be asked whether they have the same. */
export interface RowSample {
  /** The columns whose values make a row, sorted. */
  readonly columns: readonly string[];
  readonly rows: number;
  /** Rows without those that repeat another. */
  readonly distinct: number;
  /** The least digests of rows, which are a random choice of them: all of them where they are no more. */
  readonly sample: readonly string[];
}

/** Of so many one in a hundred is found among any number of rows. */
const SAMPLED = 512;
/** Hex digits of a row's digest that are kept: by chance one of 10^19 is another row's. */
const DIGITS = 16;

/** Samples the rows of a table: those with the least digests. Throws what reading it throws. */
export async function sampleRows(files: readonly DataFile[], options: OpenDataOptions): Promise<RowSample> {
  const { database, tables, close } = await openData([{ name: 'rows', files }], options);
  try {
    const { columns, relation } = tables[0] as Table;
    const sorted = columns.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const digests = `SELECT DISTINCT ${digestOf(sorted)} AS d FROM ${relation}`;
    const counted = await database.rows(
      `SELECT (SELECT count(*) FROM ${relation}) AS n, (SELECT count(*) FROM (${digests})) AS k`,
    );
    const found = await database.rows(`${digests} ORDER BY d LIMIT ${SAMPLED}`);
    return {
      columns: sorted.map(({ name }) => name),
      rows: toNumber(counted[0]?.['n']),
      distinct: toNumber(counted[0]?.['k']),
      sample: found.map((row) => String(row['d'])),
    };
  } finally {
    await close();
  }
}

/** How many rows of a table are among the sampled ones; undefined where it has not all of their columns. */
export async function countSampled(
  files: readonly DataFile[],
  { columns: wanted, sample }: Pick<RowSample, 'columns' | 'sample'>,
  options: OpenDataOptions,
): Promise<{ readonly rows: number; readonly sampled: number } | undefined> {
  const { database, tables, close } = await openData([{ name: 'rows', files }], options);
  try {
    const { columns, relation, rows } = tables[0] as Table;
    const found = wanted.map((name) => columns.find((column) => column.name === name));
    if (!found.every((column) => column !== undefined) || found.length === 0) return undefined;
    const list = sample.map(literal).join(', ');
    if (list === '') return { rows, sampled: 0 };
    const counted = await database.rows(
      `SELECT count(*) AS n FROM ${relation} WHERE ${digestOf(found)} IN (${list})`,
    );
    return { rows, sampled: toNumber(counted[0]?.['n']) };
  } finally {
    await close();
  }
}

/** Numbers are the same in text and in Parquet; a missing value is none that can be written. */
function digestOf(columns: readonly Column[]): string {
  const cells = columns.map(({ sql }) => {
    const text = `CAST(${sql} AS VARCHAR)`;
    return `coalesce(CAST(TRY_CAST(${text} AS DOUBLE) AS VARCHAR), ${text}, chr(30))`;
  });
  return `substr(md5(concat_ws(chr(31), ${cells.join(', ')})), 1, ${DIGITS})`;
}

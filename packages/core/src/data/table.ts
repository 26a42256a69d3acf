import { mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { UserError } from '../action/errors.ts';
import { openDatabase, toNumber, type Database } from './duckdb.ts';
import type { DataFile } from './files.ts';
import { formatOf, type DataFormat } from './format.ts';
import { describeSources, jsonPointer, prepare, unreadable, type Prepared, type Source } from './source.ts';
import type { BadRecord, TextScan } from './text-scan.ts';

/** A column of a table. In SQL it is called `sql`; names from outside never become part of a query. */
export interface Column {
  readonly name: string;
  readonly sql: string;
  /**
   * `text`: from CSV, VARCHAR, nothing converted. `json`: from JSON Lines, the value as text, its JSON type in
   * `<sql>_type`. `typed`: from Parquet, with the types of the files.
   */
  readonly storage: 'text' | 'json' | 'typed';
  /** DuckDB's name of the Parquet type, per file that has the column; empty for text. */
  readonly types: readonly string[];
}

/** Where a row stands. `row` is 1-based without the header, `line` is 1-based and only known for text files. */
export interface RowPlace {
  readonly file: DataFile;
  readonly row: number;
  readonly line?: number;
}

/** A data set as one relation. Rows are numbered by the column `g` from 0, across files in their order. */
export interface Table {
  readonly name: string;
  /** Name of the table or view in SQL. */
  readonly relation: string;
  /** Usable rows; bad records are not among them. */
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly files: readonly DataFile[];
  /** Records of text files that could not be used. */
  readonly bad: readonly (BadRecord & { readonly file: DataFile })[];
  /** Columns that some files of the set have and this one has not. */
  readonly gaps: readonly { readonly file: DataFile; readonly column: string }[];
  readonly place: (g: number) => RowPlace;
}

export interface TableRequest {
  readonly name: string;
  readonly files: readonly DataFile[];
}

export interface OpenDataOptions {
  /** Path of DuckDB's binding from `installDuckdb`; absent in tests, where the npm package is used. */
  readonly binding?: string | undefined;
  /** How all files are read; default by the extension of each. */
  readonly format?: DataFormat | undefined;
  /** The most memory the engine may take, such as `2GB`. */
  readonly memory?: string | undefined;
  /** Folder for spilling and cleaned copies, such as RUNNER_TEMP. */
  readonly temporary?: string | undefined;
}

export interface OpenData {
  readonly database: Database;
  readonly tables: readonly Table[];
  readonly close: () => Promise<void>;
}

/**
 * Opens data sets for queries. Text files are read once from end to end before, so that a record the engine would
 * drop, pad or misread is found here with its line. Throws `unreadable-data` for a file that is not what its format
 * says, and `bad-input` for a format that cannot be told.
 */
export async function openData(
  requests: readonly TableRequest[],
  options: OpenDataOptions,
): Promise<OpenData> {
  const scratch = await mkdtemp(path.join(options.temporary ?? os.tmpdir(), 'sluice-data-'));
  let database: Database | undefined;
  const close = async (): Promise<void> => {
    await database?.close();
    await rm(scratch, { recursive: true, force: true });
  };
  try {
    const prepared: Prepared[][] = [];
    for (const { files } of requests) {
      const set: Prepared[] = [];
      for (const file of files) set.push(await prepare(file, options.format ?? formatOf(file.path), scratch));
      prepared.push(set);
    }
    database = await openDatabase({
      binding: options.binding,
      temporary: scratch,
      memory: options.memory,
      files: prepared.flat().map((p) => p.readable),
    });
    const tables: Table[] = [];
    for (const [index, { name }] of requests.entries()) {
      tables.push(await load(database, `t${index}`, name, prepared[index] as Prepared[]));
    }
    return { database, tables, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function load(
  database: Database,
  relation: string,
  name: string,
  set: readonly Prepared[],
): Promise<Table> {
  const kinds = new Set(set.map((p) => p.kind));
  if (kinds.size > 1) {
    throw new UserError(
      'bad-input',
      `The data set '${name}' mixes ${[...kinds].join(' and ')} files. Give one format per set.`,
    );
  }
  const sources = await describeSources(database, set);
  const names = [...new Set(sources.flatMap((s) => [...s.columns.keys()]))];
  const columns = names.map((column, index): Column => ({
    name: column,
    sql: `c${index}`,
    storage: set[0]?.kind === 'parquet' ? 'typed' : set[0]?.kind === 'jsonl' ? 'json' : 'text',
    types: sources.flatMap((s) => s.columns.get(column)?.type ?? []).filter((type) => type !== ''),
  }));
  const offsets = startsOf(sources.flatMap((s) => s.rows));
  await create(database, relation, columns, sources, offsets);
  const rows = toNumber((await database.rows(`SELECT count(*) AS n FROM ${relation}`))[0]?.['n']);
  const expected = sources.flatMap((s) => s.rows).reduce((sum, n) => sum + n, 0);
  if (rows !== expected) {
    // Two readers that disagree must never end in a verdict about the rows one of them saw.
    throw new UserError(
      'unreadable-data',
      `The data set '${name}' has ${expected} records, but the query engine sees ${rows} of them. Please report this with the files' dialect; Parquet avoids it.`,
    );
  }
  return {
    name,
    relation,
    rows,
    columns,
    files: set.map((p) => p.file),
    bad: set.flatMap((p) => (scanOf(p)?.bad ?? []).map((b) => ({ ...b, file: p.file }))),
    gaps: sources.flatMap((s) =>
      s.files.flatMap(({ file }) =>
        names.filter((n) => !s.columns.has(n)).map((column) => ({ file, column })),
      ),
    ),
    place: (g) => placeOf(g, set, offsets),
  };
}

async function create(
  database: Database,
  relation: string,
  columns: readonly Column[],
  sources: readonly Source[],
  offsets: readonly number[],
): Promise<void> {
  let done = 0;
  const selects = sources.map((source) => {
    const position = source.position(offsets.slice(done, (done += source.files.length)));
    const cells = columns.flatMap((column) => selectCell(column, source));
    return `SELECT ${[`${position} AS g`, ...cells].join(', ')} FROM ${source.from}`;
  });
  const parquet = sources[0]?.files[0]?.kind === 'parquet';
  const [first, ...rest] = selects;
  try {
    if (parquet) await database.run(`CREATE VIEW ${relation} AS ${selects.join(' UNION ALL ')}`);
    else await database.run(`CREATE TABLE ${relation} AS ${first ?? ''}`);
    if (!parquet) for (const select of rest) await database.run(`INSERT INTO ${relation} ${select}`);
  } catch (error) {
    throw unreadable(sources.flatMap((s) => s.files.map((p) => p.file.path)).join(', '), error);
  }
}

function selectCell(column: Column, source: Source): string[] {
  const cell = source.columns.get(column.name)?.sql;
  if (column.storage !== 'json') {
    return [`${cell ?? (column.storage === 'text' ? 'NULL::VARCHAR' : 'NULL')} AS ${column.sql}`];
  }
  if (cell === undefined) return [`NULL::VARCHAR AS ${column.sql}`, `NULL::VARCHAR AS ${column.sql}_type`];
  return [
    `${cell} AS ${column.sql}`,
    `nullif(json_type(j, ${jsonPointer(column.name)}), 'NULL') AS ${column.sql}_type`,
  ];
}

function scanOf(prepared: Prepared): TextScan | undefined {
  if (prepared.kind === 'parquet') return undefined;
  return prepared.kind === 'csv' ? prepared.csv.scan : prepared.jsonl.scan;
}

function startsOf(counts: readonly number[]): number[] {
  const starts: number[] = [];
  let sum = 0;
  for (const count of counts) {
    starts.push(sum);
    sum += count;
  }
  return starts;
}

function placeOf(g: number, set: readonly Prepared[], offsets: readonly number[]): RowPlace {
  const index = offsets.findLastIndex((offset) => offset <= g);
  const prepared = set[index] as Prepared;
  const record = g - (offsets[index] ?? 0);
  const scan = scanOf(prepared);
  if (scan === undefined) return { file: prepared.file, row: record + 1 };
  const row = scan.rowOf(record);
  return { file: prepared.file, row, line: scan.lineOf(row) };
}

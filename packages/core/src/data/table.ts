import { mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { UserError, errorMessage } from '../action/errors.ts';
import { MAX_RECORD_BYTES, copyCsv, scanCsv, type CsvFile } from './csv.ts';
import { identifier, literal, openDatabase, toNumber, type Database } from './duckdb.ts';
import type { DataFile } from './files.ts';
import { formatOf, type DataFormat } from './format.ts';
import { copyJsonl, scanJsonl, type JsonlFile } from './jsonl.ts';
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

/** A file that DuckDB can read: `readable` is the file itself or its cleaned copy. */
type Prepared = { readonly file: DataFile; readonly readable: string } & (
  | { readonly kind: 'csv'; readonly csv: CsvFile }
  | { readonly kind: 'jsonl'; readonly jsonl: JsonlFile }
  | { readonly kind: 'parquet' }
);

async function prepare(file: DataFile, format: DataFormat, scratch: string): Promise<Prepared> {
  if (format.type === 'parquet') return { kind: 'parquet', file, readable: file.absolute };
  const copy = path.join(scratch, `${file.sha256}.${format.type}`);
  if (format.type === 'csv') {
    const csv = await scanCsv(file.absolute, format.dialect ?? {});
    if (csv.needsCopy) await copyCsv(file.absolute, csv, copy);
    return { kind: 'csv', csv, file, readable: csv.needsCopy ? copy : file.absolute };
  }
  const jsonl = await scanJsonl(file.absolute);
  if (jsonl.needsCopy) await copyJsonl(file.absolute, jsonl, copy);
  return { kind: 'jsonl', jsonl, file, readable: jsonl.needsCopy ? copy : file.absolute };
}

interface Source {
  readonly prepared: Prepared;
  /** SQL expression and, for Parquet, type by column name. */
  readonly columns: ReadonlyMap<string, { readonly sql: string; readonly type: string }>;
  readonly from: string;
  readonly rows: number;
}

async function load(
  database: Database,
  relation: string,
  name: string,
  set: readonly Prepared[],
): Promise<Table> {
  const sources: Source[] = [];
  for (const prepared of set) sources.push(await describe(database, prepared));
  const names = [...new Set(sources.flatMap((s) => [...s.columns.keys()]))];
  const kinds = new Set(set.map((p) => p.kind));
  if (kinds.size > 1) {
    throw new UserError(
      'bad-input',
      `The data set '${name}' mixes ${[...kinds].join(' and ')} files. Give one format per set.`,
    );
  }
  const columns = names.map((column, index): Column => ({
    name: column,
    sql: `c${index}`,
    storage: set[0]?.kind === 'parquet' ? 'typed' : set[0]?.kind === 'jsonl' ? 'json' : 'text',
    types: sources.flatMap((s) => s.columns.get(column)?.type ?? []).filter((type) => type !== ''),
  }));
  const offsets = startsOf(sources.map((s) => s.rows));
  await create(database, relation, columns, sources, offsets);
  const rows = toNumber((await database.rows(`SELECT count(*) AS n FROM ${relation}`))[0]?.['n']);
  const expected = sources.reduce((sum, s) => sum + s.rows, 0);
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
      names.filter((n) => !s.columns.has(n)).map((column) => ({ file: s.prepared.file, column })),
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
  const selects = sources.map((source, index) => {
    const cells = columns.flatMap((column) => selectCell(column, source));
    const order = source.prepared.kind === 'parquet' ? 'file_row_number' : 'row_number() OVER () - 1';
    return `SELECT ${[`${order} + ${offsets[index] ?? 0} AS g`, ...cells].join(', ')} FROM ${source.from}`;
  });
  const parquet = sources[0]?.prepared.kind === 'parquet';
  const [first, ...rest] = selects;
  try {
    if (parquet) await database.run(`CREATE VIEW ${relation} AS ${selects.join(' UNION ALL ')}`);
    else await database.run(`CREATE TABLE ${relation} AS ${first ?? ''}`);
    if (!parquet) for (const select of rest) await database.run(`INSERT INTO ${relation} ${select}`);
  } catch (error) {
    throw unreadable(sources.map((s) => s.prepared.file.path).join(', '), error);
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

function jsonPointer(key: string): string {
  return literal(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}

async function describe(database: Database, prepared: Prepared): Promise<Source> {
  switch (prepared.kind) {
    case 'csv':
      return csvSource(prepared, prepared.csv);
    case 'jsonl': {
      const from = `(SELECT json AS j FROM read_ndjson_objects(${literal(prepared.readable)}, maximum_object_size=${MAX_RECORD_BYTES}))`;
      const columns = new Map(
        prepared.jsonl.keys.map((key) => [
          key,
          { sql: `json_extract_string(j, ${jsonPointer(key)})`, type: '' },
        ]),
      );
      return { prepared, columns, from, rows: prepared.jsonl.scan.records };
    }
    case 'parquet':
      return parquetSource(database, prepared);
  }
}

function csvSource(prepared: Prepared, { header, dialect, scan }: CsvFile): Source {
  const names = header.map((_, index) => `h${index}`);
  const options = [
    `columns={${names.map((n) => `'${n}': 'VARCHAR'`).join(', ')}}`,
    'auto_detect=false',
    'header=true',
    'strict_mode=true',
    'null_padding=false',
    'ignore_errors=false',
    `delim=${literal(dialect.delimiter)}`,
    `quote=${literal(dialect.quote)}`,
    `escape=${literal(dialect.escape)}`,
    "new_line='\\n'",
    `max_line_size=${MAX_RECORD_BYTES}`,
  ];
  return {
    prepared,
    columns: new Map(header.map((name, index) => [name, { sql: `h${index}`, type: '' }])),
    from: `read_csv(${literal(prepared.readable)}, ${options.join(', ')})`,
    rows: scan.records,
  };
}

async function parquetSource(database: Database, prepared: Prepared): Promise<Source> {
  const file = literal(prepared.readable);
  const reader = `read_parquet(${file}, hive_partitioning=false`;
  try {
    const [described, counted] = [
      await database.rows(`DESCRIBE SELECT * FROM ${reader})`),
      await database.rows(`SELECT count(*) AS n FROM ${reader})`),
    ];
    return {
      prepared,
      columns: new Map(
        described.map((row) => [
          String(row['column_name']),
          { sql: identifier(String(row['column_name'])), type: String(row['column_type']) },
        ]),
      ),
      from: `${reader}, file_row_number=true)`,
      rows: toNumber(counted[0]?.['n']),
    };
  } catch (error) {
    throw unreadable(prepared.file.path, error);
  }
}

/** Only the first line of the engine's message: the others may quote the data. */
function unreadable(files: string, error: unknown): UserError {
  return new UserError(
    'unreadable-data',
    `${files} cannot be read: ${errorMessage(error).split('\n', 1)[0] ?? ''} Check that the file is complete and in the format its name says, or set the input 'format'.`,
    { cause: error },
  );
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

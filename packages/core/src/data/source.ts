import * as path from 'node:path';
import { UserError, errorMessage } from '../action/errors.ts';
import { MAX_RECORD_BYTES, copyCsv, scanCsv, type CsvFile } from './csv.ts';
import { identifier, literal, toNumber, type Database } from './duckdb.ts';
import type { DataFile } from './files.ts';
import type { DataFormat } from './format.ts';
import { refuseTooMany, refuseTooWide, refuseUnfolded } from './read-limits.ts';
import { copyJsonl, scanJsonl, type JsonlFile } from './jsonl.ts';

/** A file that DuckDB can read: `readable` is the file itself or its cleaned copy. */
export type Prepared = { readonly file: DataFile; readonly readable: string } & (
  | { readonly kind: 'csv'; readonly csv: CsvFile }
  | { readonly kind: 'jsonl'; readonly jsonl: JsonlFile }
  | { readonly kind: 'parquet' }
);

/** Files with the same columns, which one SELECT can read. */
export interface Source {
  readonly files: readonly Prepared[];
  /** Usable rows of each file. */
  readonly rows: readonly number[];
  /** SQL expression and, for Parquet, type by column name. */
  readonly columns: ReadonlyMap<string, { readonly sql: string; readonly type: string }>;
  readonly from: string;
  /** SQL of a row's 0-based number among the files, given at which number each file begins. */
  readonly position: (starts: readonly number[]) => string;
}

/** Reads text files from end to end and writes a cleaned copy into `scratch` where the engine needs one. */
export async function prepare(file: DataFile, format: DataFormat, scratch: string): Promise<Prepared> {
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

/** Finds columns and row counts of files of one kind, in their order. */
export async function describeSources(database: Database, set: readonly Prepared[]): Promise<Source[]> {
  if (set[0]?.kind === 'parquet') return parquetSources(database, set);
  return set.flatMap((prepared) => {
    if (prepared.kind === 'csv') return [csvSource(prepared, prepared.csv)];
    return prepared.kind === 'jsonl' ? [jsonlSource(prepared, prepared.jsonl)] : [];
  });
}

const TEXT_POSITION = (starts: readonly number[]): string => `row_number() OVER () - 1 + ${starts[0] ?? 0}`;

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
    files: [prepared],
    rows: [scan.records],
    columns: new Map(header.map((name, index) => [name, { sql: `h${index}`, type: '' }])),
    from: `read_csv(${literal(prepared.readable)}, ${options.join(', ')})`,
    position: TEXT_POSITION,
  };
}

function jsonlSource(prepared: Prepared, { keys, scan }: JsonlFile): Source {
  const columns = keys.map(
    (key) => [key, { sql: `json_extract_string(j, ${jsonPointer(key)})`, type: '' }] as const,
  );
  return {
    files: [prepared],
    rows: [scan.records],
    columns: new Map(columns),
    from: `(SELECT json AS j FROM read_ndjson_objects(${literal(prepared.readable)}, maximum_object_size=${MAX_RECORD_BYTES}))`,
    position: TEXT_POSITION,
  };
}

/** A key of the object `j` as a JSON pointer (RFC 6901), in SQL. */
export function jsonPointer(key: string): string {
  return literal(`/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}

/** Names of the engine's own columns, which number the rows. */
const RESERVED = ['file_index', 'file_row_number'];

/** Neighbouring files with the same schema are read together: a year of daily files is one source, not 365. */
async function parquetSources(database: Database, set: readonly Prepared[]): Promise<Source[]> {
  await refusePackedBombs(database, set);
  const rows = await parquetRows(database, set);
  const prints = await schemaPrints(database, set);
  const groups: Prepared[][] = [];
  for (const [index, prepared] of set.entries()) {
    const group = groups.at(-1);
    if (group !== undefined && prints[index] === prints[index - 1]) group.push(prepared);
    else groups.push([prepared]);
  }
  const sources: Source[] = [];
  let done = 0;
  for (const files of groups) {
    const columns = await parquetColumns(database, files[0] as Prepared);
    for (const [at, { file }] of files.entries()) {
      refuseTooWide(file.path, columns.size);
      refuseTooMany(file.path, file.bytes, columns.size * (rows[done + at] as number));
    }
    const list = files.map((p) => literal(p.readable)).join(', ');
    sources.push({
      files,
      rows: rows.slice(done, done + files.length),
      columns,
      from: `read_parquet([${list}], hive_partitioning=false)`,
      position: (starts) => `[${starts.join(', ')}][CAST(file_index AS BIGINT) + 1] + file_row_number`,
    });
    done += files.length;
  }
  return sources;
}

/** A long text can be one value, so the bytes that a file unfolds to are looked at beside its values. */
async function refusePackedBombs(database: Database, set: readonly Prepared[]): Promise<void> {
  const byFile = await perFile(database, set, 'parquet_metadata', 'sum(total_uncompressed_size)::BIGINT');
  for (const { file, readable } of set) {
    refuseUnfolded(file.path, file.bytes, toNumber(byFile.get(readable) ?? 0n));
  }
}

async function parquetRows(database: Database, set: readonly Prepared[]): Promise<number[]> {
  const byFile = await perFile(database, set, 'parquet_file_metadata', 'any_value(num_rows)');
  return set.map((p) => toNumber(byFile.get(p.readable)));
}

async function schemaPrints(database: Database, set: readonly Prepared[]): Promise<unknown[]> {
  const element = "concat_ws('/', name, type, logical_type, converted_type, num_children, scale, precision)";
  const byFile = await perFile(database, set, 'parquet_schema', `string_agg(${element}, '|')`);
  return set.map((p) => byFile.get(p.readable));
}

/** One value per file from a function over Parquet footers; a file that is none is named. */
async function perFile(
  database: Database,
  set: readonly Prepared[],
  table: 'parquet_file_metadata' | 'parquet_metadata' | 'parquet_schema',
  value: string,
): Promise<Map<string, bigint | string>> {
  const query = (list: readonly Prepared[]): string =>
    `SELECT file_name, ${value} AS value FROM ${table}([${list.map((p) => literal(p.readable)).join(', ')}]) GROUP BY file_name`;
  try {
    const found = await database.rows(query(set));
    return new Map(found.map((row) => [String(row['file_name']), row['value'] as bigint | string]));
  } catch (error) {
    for (const prepared of set) {
      await database.rows(query([prepared])).catch((cause: unknown) => {
        throw unreadable(prepared.file.path, cause);
      });
    }
    throw error;
  }
}

async function parquetColumns(database: Database, { file, readable }: Prepared): Promise<Source['columns']> {
  try {
    const described = await database.rows(
      `DESCRIBE SELECT * FROM read_parquet(${literal(readable)}, hive_partitioning=false)`,
    );
    const columns = described.map((row) => {
      const name = String(row['column_name']);
      if (!RESERVED.includes(name.toLowerCase())) {
        return [name, { sql: identifier(name), type: String(row['column_type']) }] as const;
      }
      throw new UserError(
        'unreadable-data',
        `${file.path} has a column '${name}', a name the query engine needs for itself. Rename the column.`,
      );
    });
    return new Map(columns);
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(file.path, error);
  }
}

/** Only the first line of the engine's message: the others may quote the data. */
export function unreadable(files: string, error: unknown): UserError {
  return new UserError(
    'unreadable-data',
    `${files} cannot be read: ${errorMessage(error).split('\n', 1)[0] ?? ''} Check that the file is complete and in the format its name says, or set the input 'format'.`,
  );
}

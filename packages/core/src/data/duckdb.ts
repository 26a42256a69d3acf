import { mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import type * as DuckDB from '@duckdb/node-api';
import { UserError, errorMessage } from '../action/errors.ts';
import { DUCKDB_REMEDY } from './duckdb-install.ts';

/** A value as it comes back from a query: what DuckDB's `getRowsJS` makes of it. */
export type Cell = string | number | bigint | boolean | Date | null | readonly Cell[];

/** A query engine over a fixed list of files. SQL is only ever written by us; text from outside goes in by `literal`. */
export interface Database {
  run(sql: string): Promise<void>;
  /** All rows, each an object by column name. */
  rows(sql: string): Promise<Record<string, Cell>[]>;
  /** All values column by column, in the order of the select list. */
  columns(sql: string): Promise<Cell[][]>;
  /** Hands out the rows in chunks, in their order, so that they are never in memory at once. */
  stream(sql: string, take: (chunk: Chunk) => void): Promise<void>;
  close(): Promise<void>;
}

/** Some rows of a query whose columns are texts, booleans and numbers of at most 32 bits or DOUBLE. */
export interface Chunk {
  readonly rows: number;
  readonly at: (column: number, row: number) => string | number | boolean | null;
}

interface OpenOptions {
  /** Path of duckdb.node from `installDuckdb`; without it the installed npm package is used (tests, development). */
  readonly binding?: string | undefined;
  /** Absolute paths of the files that may be read. Nothing else on the machine can be, and nothing written. */
  readonly files: readonly string[];
  /** The most memory it may take, such as `2GB`; default most of the machine's. */
  readonly memory?: string | undefined;
  /** Folder for spilling; default the system's temporary folder. */
  readonly temporary?: string | undefined;
}

/**
 * Opens an in-memory database that reads `files` and nothing else: no network, no extensions, configuration locked.
 * One thread per core. Close it to remove its temporary folder.
 */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const { DuckDBInstance } = await loadEngine(options.binding);
  const spill = await mkdtemp(path.join(options.temporary ?? os.tmpdir(), 'sluice-duckdb-'));
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(Math.max(1, os.availableParallelism())),
    temp_directory: spill,
    ...(options.memory === undefined ? {} : { memory_limit: options.memory }),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone='UTC'");
  await connection.run(`SET allowed_paths=[${options.files.map(literal).join(', ')}]`);
  await connection.run('SET enable_external_access=false');
  await connection.run('SET lock_configuration=true');
  return {
    run: async (sql) => {
      await connection.run(sql);
    },
    rows: async (sql) => (await (await connection.run(sql)).getRowObjectsJS()) as Record<string, Cell>[],
    columns: async (sql) => (await (await connection.run(sql)).getColumnsJS()) as Cell[][],
    stream: async (sql, take) => {
      for await (const chunk of await connection.stream(sql)) {
        const vectors = Array.from({ length: chunk.columnCount }, (_, c) => chunk.getColumnVector(c));
        const at = (column: number, row: number): ReturnType<Chunk['at']> =>
          vectors[column]?.getItem(row) as ReturnType<Chunk['at']>;
        take({ rows: chunk.rowCount, at });
      }
    },
    close: async () => {
      connection.closeSync();
      instance.closeSync();
      await rm(spill, { recursive: true, force: true });
    },
  };
}

type Engine = Pick<typeof DuckDB, 'DuckDBInstance'>;

/** The package is CommonJS: in a bundle only `default` carries its exports. Importing it loads the native part. */
async function loadEngine(binding: string | undefined): Promise<Engine> {
  if (binding !== undefined) {
    Object.assign(globalThis, { [Symbol.for('sluice.duckdb-binding')]: binding });
  }
  try {
    return (await import('@duckdb/node-api')).default;
  } catch (error) {
    throw new UserError(
      'service-unavailable',
      `DuckDB's native part ${binding ?? ''} cannot be loaded: ${errorMessage(error)} ${DUCKDB_REMEDY}`,
      { cause: error },
    );
  }
}

/** A text as an SQL string literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as a quoted SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A count or sum as a JavaScript number; DuckDB returns 64-bit integers as bigint. */
export function toNumber(cell: Cell | undefined): number {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'bigint') return Number(cell);
  throw new TypeError(`expected a number from the query, got ${typeof cell}`);
}

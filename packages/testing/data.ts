import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { literal } from '@sluice/core/data/duckdb.ts';
import { expandFiles, type FileSet } from '@sluice/core/data/files.ts';
import { temporaryFolder } from './temporary.ts';

/** A fresh folder with these files. */
export async function dataFolder(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await temporaryFolder('data-test');
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(folder, name), content);
  return folder;
}

/** All files of a folder that match, with digests. */
export async function fileSet(folder: string, ...patterns: string[]): Promise<FileSet> {
  return expandFiles(patterns, {
    base: folder,
    what: "input 'data'",
    inside: async (given) => path.resolve(folder, given),
  });
}

/** Writes the result of a query as a Parquet file, with an engine that may write. */
export async function writeParquet(
  file: string,
  query: string,
  compression: 'snappy' | 'zstd' = 'snappy',
): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO ${literal(file)} (FORMAT parquet, COMPRESSION ${compression})`);
  connection.closeSync();
  instance.closeSync();
}

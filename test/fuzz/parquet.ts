import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';

/** The rows of a CSV text as a Parquet file. */
export async function parquetOf(csv: string): Promise<Buffer> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-fuzz-'));
  const [from, to] = [path.join(folder, 'rows.csv'), path.join(folder, 'rows.parquet')];
  const instance = await DuckDBInstance.create(':memory:');
  try {
    await writeFile(from, csv);
    const connection = await instance.connect();
    await connection.run(`COPY (FROM '${from}') TO '${to}' (FORMAT parquet)`);
    connection.closeSync();
    return await readFile(to);
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { sha256File } from '../digest/files.ts';
import type { DataFile } from './files.ts';
import { countSampled, sampleRows } from './row-sample.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-rows-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(name: string): Promise<DataFile[]> {
  const absolute = path.join(folder, name);
  return [{ path: name, absolute, bytes: 1, sha256: await sha256File(absolute) }];
}
async function csv(name: string, lines: readonly string[]): Promise<DataFile[]> {
  await writeFile(path.join(folder, name), `${lines.join('\n')}\n`);
  return file(name);
}
const row = (i: number): string => `${i},v${i % 7},${i / 4}`;
const table = (from: number, to: number): string[] => [
  'id,name,x',
  ...Array.from({ length: to - from }, (_, i) => row(from + i)),
];

describe('sampled rows', () => {
  test('are found again in another order of rows and columns, and no others', async () => {
    const sample = await sampleRows(await csv('a.csv', table(0, 300)), {});
    expect(sample).toMatchObject({ columns: ['id', 'name', 'x'], rows: 300, distinct: 300 });
    expect(sample.sample).toHaveLength(300);
    const turned = Array.from({ length: 200 }, (_, i) => {
      const [id, name, x] = row(399 - i).split(',');
      return [x, 1, name, id].join(',');
    });
    expect(await countSampled(await csv('b.csv', ['x,more,name,id', ...turned]), sample, {})).toEqual({
      rows: 200,
      sampled: 100,
    });
  });

  test('are a fixed number of many, chosen by their values alone', async () => {
    const all = table(0, 5000);
    const sample = await sampleRows(await csv('a.csv', all), {});
    const [head = '', ...rows] = all;
    const again = await sampleRows(await csv('b.csv', [head, ...rows.reverse()]), {});
    expect(sample.sample).toHaveLength(512);
    expect(again.sample).toEqual(sample.sample);
    const { sampled = 0 } = (await countSampled(await csv('c.csv', table(0, 2500)), sample, {})) ?? {};
    expect(sampled).toBeGreaterThan(200);
    expect(sampled).toBeLessThan(312);
  });

  test('of text are those of Parquet', async () => {
    const sample = await sampleRows(await csv('a.csv', ['id,x,name', '1,1.5,a', '2,,b', '3,2.0,']), {});
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(
      `COPY (SELECT * FROM (VALUES (1, 1.5::DOUBLE, 'a'), (2, NULL, 'b'), (3, 2, NULL)) t(id, x, name)) TO '${path.join(folder, 'a.parquet')}' (FORMAT parquet)`,
    );
    connection.closeSync();
    expect(await countSampled(await file('a.parquet'), sample, {})).toEqual({ rows: 3, sampled: 3 });
  });

  test('are counted once where they repeat, and cannot be asked for where a column is missing', async () => {
    const sample = await sampleRows(await csv('a.csv', ['x,y', '1,2', '1,2', '12,']), {});
    expect(sample).toMatchObject({ rows: 3, distinct: 2 });
    expect(await countSampled(await csv('b.csv', ['x', '1']), sample, {})).toBeUndefined();
    expect(await countSampled(await csv('c.csv', ['x,y', '1,2', ',12']), sample, {})).toMatchObject({
      sampled: 1,
    });
  });
});

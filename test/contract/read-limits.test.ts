import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { fileSet, writeParquet } from '@sluice/testing/data.ts';
import { LIMITS } from '@sluice/core/action/limits.ts';
import { refuseTooMany } from '@sluice/core/data/read-limits.ts';
import { openData } from '@sluice/core/data/table.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-limits-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function open(name: string): Promise<void> {
  const { close } = await openData([{ name: 'data', files: (await fileSet(folder, name)).files }], {});
  await close();
}

const refusal = (text: string): object => ({
  reasonCode: 'unreadable-data',
  message: expect.stringContaining(text),
});

const names = Array.from({ length: 300_000 }, (_, i) => `c${i}`);

describe('more columns than a data set may have', () => {
  test('in CSV', async () => {
    await writeFile(path.join(folder, 'wide.csv'), `${names.join(',')}\n${names.map(() => '1').join(',')}\n`);
    await expect(open('wide.csv')).rejects.toMatchObject(
      refusal('has 300000 columns or more; a data set may have 20000'),
    );
  });

  test('in JSON Lines, each line with others', async () => {
    const lines = Array.from({ length: 300 }, (_, i) =>
      JSON.stringify(Object.fromEntries(names.slice(i * 1000, (i + 1) * 1000).map((name) => [name, 1]))),
    );
    await writeFile(path.join(folder, 'wide.jsonl'), lines.join('\n'));
    await expect(open('wide.jsonl')).rejects.toMatchObject(
      refusal('has 21000 columns or more; a data set may have 20000'),
    );
  });
});

/** More bytes than are allowed, in long lines. */
async function packed(name: string, header: string): Promise<void> {
  const chunk = Buffer.from(`"${'x'.repeat(1 << 22)}"\n`);
  const chunks = Math.ceil(LIMITS.unfolded.bytes / chunk.length) + 1;
  function* bytes(): Generator<Buffer> {
    yield Buffer.from(header);
    for (let i = 0; i < chunks; i++) yield chunk;
  }
  await pipeline(
    Readable.from(bytes()),
    createGzip({ level: 1 }),
    createWriteStream(path.join(folder, name)),
  );
}

test('a packed text that unfolds beyond measure', async () => {
  await packed('big.csv.gz', 'a\n');
  await expect(open('big.csv.gz')).rejects.toMatchObject(
    refusal('a packed file may unfold to 268435456 bytes (256 MiB), or to 200 times its size'),
  );
});

test('a Parquet file of few values that unfold beyond measure', async () => {
  await writeParquet(
    path.join(folder, 'texts.parquet'),
    "SELECT repeat('x', 4000000) || range AS t FROM range(70)",
    'zstd',
  );
  await expect(open('texts.parquet')).rejects.toMatchObject(
    refusal('a packed file may unfold to 268435456 bytes (256 MiB), or to 200 times its size'),
  );
});

test('a line of JSON without an end', async () => {
  await writeFile(path.join(folder, 'line.jsonl'), `{"a": "${'x'.repeat(24_000_000)}`);
  await expect(open('line.jsonl')).rejects.toMatchObject(refusal('longer than 16000000 bytes'));
});

test('a file that says of itself that it holds more values than it may', () => {
  expect(() => refuseTooMany('p.parquet', 5_000, 1_000_000_000)).not.toThrow();
  expect(() => refuseTooMany('p.parquet', 20_000_000, 2_000_000_000)).not.toThrow();
  expect(() => refuseTooMany('p.parquet', 5_000, 1_000_000_001)).toThrow(
    'p.parquet has 5000 bytes and says that it holds 1000000001 values; a file may hold 1000000000, or 100 for each of its bytes',
  );
});

import { fork } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestModel } from '@sluice/core/digest/model.ts';
import { inParallel } from '@sluice/core/transfer/parallel.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { openAt, type StoreAddress } from '@sluice/testing/store-address.ts';

/** What one store took, in seconds; `peakMb` is the most memory that the process had. */
interface Row {
  readonly name: string;
  readonly put: number;
  readonly fetch: number;
  readonly peakMb: number;
}

const FILES = Number(process.argv[2] ?? 100_000);
const LARGE_BYTES = Number(process.argv[3] ?? 4e9);

async function seconds(body: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await body();
  return (performance.now() - began) / 1000;
}

/** Puts and fetches in a process of its own, whose memory is its own too. */
function inProcess(name: string, address: StoreAddress, modelPath: string, scratch: string): Promise<Row> {
  const child = fork(
    fileURLToPath(import.meta.url),
    ['child', JSON.stringify({ name, address, modelPath, scratch })],
    {
      execArgv: ['--import', 'tsx'],
    },
  );
  return new Promise((resolve, reject) => {
    child.once('message', (row) => resolve(row as Row));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)));
  });
}

async function child(): Promise<void> {
  const { name, address, modelPath, scratch } = JSON.parse(process.argv[3] ?? '') as {
    name: string;
    address: StoreAddress;
    modelPath: string;
    scratch: string;
  };
  const { sha256 } = await digestModel(modelPath);
  const store = openAt(address, { log: silentLog });
  const put = await seconds(() => store.put('m', sha256, modelPath, new Map()));
  const destination = await mkdtemp(path.join(scratch, 'fetched-'));
  const fetch = await seconds(() => store.fetch('m', sha256, destination));
  await rm(destination, { recursive: true });
  // Kilobytes on Linux.
  const peakMb = process.resourceUsage().maxRSS / 1000;
  process.send?.({ name, put, fetch, peakMb } satisfies Row);
}

async function manyFiles(folder: string): Promise<void> {
  const shards = Math.ceil(FILES / 1000);
  for (let i = 0; i < shards; i++) await mkdir(path.join(folder, `shard-${i}`), { recursive: true });
  const numbers = Array.from({ length: FILES }, (_, i) => i);
  await inParallel(numbers, 16, (i) =>
    writeFile(path.join(folder, `shard-${Math.floor(i / 1000)}/${i}.json`), `{"number": ${i}}`.padEnd(500)),
  );
}

async function largeFile(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = await open(path.join(folder, 'weights'), 'w');
  const chunk = Buffer.alloc(1 << 24, 'weights ');
  for (let at = 0; at < LARGE_BYTES; at += chunk.byteLength) await file.write(chunk);
  await file.close();
}

/** What it costs to have the same files on the disk, one after the other and some at a time. */
async function syncing(scratch: string, atOnce: number): Promise<number> {
  const names = Array.from({ length: Math.min(FILES, 10_000) }, (_, i) => i);
  const target = await mkdtemp(path.join(scratch, 'sync-'));
  return seconds(() =>
    inParallel(names, atOnce, async (i) => {
      const file = await open(path.join(target, String(i)), 'w');
      await file.write('{}'.padEnd(500));
      await file.sync();
      await file.close();
    }),
  );
}

async function main(): Promise<void> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'));
  const github = new GitHubDouble({ permissions: { contents: 'write' } });
  await github.start();
  try {
    const many = path.join(scratch, 'many');
    const large = path.join(scratch, 'large');
    await manyFiles(many);
    await largeFile(large);
    const folder = { uri: `dir:${scratch}/store`, env: {} };
    const release = { uri: 'release:', env: { ...github.env, GITHUB_TOKEN: 'ghs_test' } };
    const rows = [
      await inProcess(`dir:, ${FILES.toLocaleString('en')} files of 500 bytes`, folder, many, scratch),
      await inProcess(`release:, the same, against a double of GitHub`, release, many, scratch),
      await inProcess(`dir:, one file of ${LARGE_BYTES / 1e9} GB`, folder, large, scratch),
    ];
    const sync = { one: await syncing(scratch, 1), some: await syncing(scratch, 16) };
    console.log(JSON.stringify({ rows, sync, synced: Math.min(FILES, 10_000), node: process.version }));
  } finally {
    await github.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

await (process.argv[2] === 'child' ? child() : main());

// Measures the store in S3 beside AWS's own client, against one server on this machine.
// Usage: tsx bench/store/measure.ts <gigabytes> <small files>   Prints JSON; needs what npm run test:e2e installs.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { digestModel } from '@sluice/core/digest/model.ts';
import { inParallel } from '@sluice/core/transfer/parallel.ts';
import { ROOT } from '@sluice/testing/action.ts';
import { startS3, type S3Server } from '@sluice/testing/s3/server.ts';

const run = promisify(execFile);
const BLOCK = 10_000_000;
const AWS = path.join(ROOT, '.cache/bench-store/bin/aws');

/** What a process came to. */
interface Run {
  readonly seconds: number;
  readonly megabytes: number;
}
/** One model up and down, by this project and by AWS's client, which tells no memory. */
interface Measured {
  readonly put: Run;
  readonly fetch: Run;
  readonly peerPut: number;
  readonly peerFetch: number;
}

const [gigabytes = 10, files = 100_000] = process.argv.slice(2).map(Number);
const server = await startS3();
try {
  await server.makeBucket('bench');
  const large = await measure(server, (folder) => makeLarge(folder, gigabytes * 1e9));
  const small = await measure(server, (folder) => makeSmall(folder, files));
  console.log(JSON.stringify({ large, small, gigabytes, files, node: process.version }));
} finally {
  await server.stop();
}

async function measure({ env }: S3Server, make: (folder: string) => Promise<void>): Promise<Measured> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'));
  const model = path.join(scratch, 'model');
  await mkdir(model);
  await make(model);
  const { sha256: digest } = await digestModel(model);
  const transfer = (direction: 'put' | 'fetch', folder: string): Promise<Run> =>
    transferred(env, direction, `s3://bench/${path.basename(scratch)}`, digest, folder);
  const peer = `s3://bench/${path.basename(scratch)}-peer/`;
  const [down, peerDown] = [path.join(scratch, 'down'), path.join(scratch, 'peer')];
  const result = {
    put: await transfer('put', model),
    peerPut: await copied(env, model, peer),
    fetch: await transfer('fetch', down),
    peerFetch: await copied(env, peer, peerDown),
  };
  await rm(scratch, { recursive: true });
  return result;
}

async function transferred(env: S3Server['env'], ...args: readonly string[]): Promise<Run> {
  const main = path.join(ROOT, 'bench/store/transfer.ts');
  const { stdout, stderr } = await run(process.execPath, ['--import', 'tsx', main, ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    maxBuffer: 64 << 20,
  });
  process.stderr.write(stderr);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Run;
}

/** Seconds that AWS's client takes for a folder. */
async function copied(env: S3Server['env'], from: string, to: string): Promise<number> {
  const started = performance.now();
  await run(AWS, ['s3', 'cp', '--recursive', '--only-show-errors', from, to], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  });
  return (performance.now() - started) / 1000;
}

async function makeLarge(folder: string, bytes: number): Promise<void> {
  const handle = await open(path.join(folder, 'weights.bin'), 'w');
  const block = randomBytes(BLOCK);
  for (let written = 0; written < bytes; written += BLOCK)
    await handle.write(block, 0, Math.min(BLOCK, bytes - written));
  await handle.close();
}

async function makeSmall(folder: string, count: number): Promise<void> {
  const shards = Array.from({ length: Math.ceil(count / 1000) }, (_, i) => path.join(folder, `shard-${i}`));
  for (const shard of shards) await mkdir(shard);
  const numbers = Array.from({ length: count }, (_, i) => i);
  await inParallel(numbers, 16, (i) =>
    writeFile(path.join(folder, `shard-${Math.floor(i / 1000)}/${i}.bin`), randomBytes(1000)),
  );
}

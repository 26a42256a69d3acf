// Simulates how a rollout is judged: how often a good candidate is sent back, and how many requests it takes to find a worse one.
// Counts what fails while versions change under load, and measures how long a rollback takes (npm run build first).
// Usage: npm run bench -- rollout [judging | traffic | rollback]   Exits 1 when a target is missed.
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
/** What is run for each part. */
const PARTS = {
  judging: ['--import', 'tsx', 'bench/rollout/judging.ts'],
  traffic: ['--import', 'tsx', 'bench/rollout/traffic.ts'],
  rollback: ['bench/rollout/rollback.mjs'],
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  throw new Error(
    `Rollouts have no benchmark ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`,
  );
}
for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
  const { status } = spawnSync(process.execPath, PARTS[name], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

// Measures the gate: its statistics beside scipy's, how often it fails equal models, its memory with ten million rows.
// Usage: npm run bench -- gate [statistics|power|scale]   All three without a name. Exits 1 when a target is missed.
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
/** What is run for each part, one after the other. */
const PARTS = {
  statistics: [['bench/gate/statistics.mjs']],
  power: [['--import', 'tsx', 'bench/gate/power.ts']],
  scale: [['scripts/build.mjs'], ['--import', 'tsx', 'bench/gate/scale.ts']],
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  throw new Error(
    `The gate has no benchmark ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`,
  );
}
for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
  for (const args of PARTS[name]) {
    const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
}

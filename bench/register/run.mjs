// Times register-model beside MLflow's own Python client, and an upload of 1 GB beside curl; writes results.md.
// Usage: npm run test:e2e once, then npm run bench -- register   Exits 1 when a target is missed.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, stdio: 'inherit' });
const printed = execFileSync('node_modules/.bin/tsx', ['bench/register/measure.ts'], {
  cwd: ROOT,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
const { small, large, node } = JSON.parse(printed.trim().split('\n').at(-1));
const best = (times) => Math.min(...times);
const row = (name, here, other) =>
  `| ${name} | ${best(here).toFixed(2)} | ${best(other).toFixed(2)} | ${(best(other) / best(here)).toFixed(2)} |`;
const report = `# Registering in MLflow

Seconds, the fastest of ${small.here.length} and of ${large.here.length} runs of each, taken in turn, against one MLflow server on this machine: other work
only ever makes a run slower. Made by \`node bench/register/run.mjs\` on Node ${node}, ${process.platform}-${process.arch}, ${os.availableParallelism()} cores,
load ${os.loadavg()[0].toFixed(1)} at the end.

The first row is a whole process: register-model (evidence, digests, files, run, version, and the tag pushed to git) beside
a Python script that uses MLflow's client for run, files and version. The second is one file of 1 GB through the server, beside
\`curl --upload-file\`.

| what | here | other | times as fast |
| --- | ---: | ---: | ---: |
${row('a small model, whole process; other: Python client', small.here, small.peer)}
${row('1 GB upload; other: curl', large.here, large.curl)}

Targets: 5 and 0.9.
`;
writeFileSync(path.join(ROOT, 'bench/register/results.md'), report);
process.stdout.write(report);
const missed = [
  best(small.peer) < 5 * best(small.here) && 'A small model is not registered 5 times as fast',
  best(large.curl) < 0.9 * best(large.here) && 'The upload has less than 0.9 of the speed of curl',
].filter(Boolean);
for (const one of missed) console.error(one);
if (missed.length > 0) process.exitCode = 1;

// Times how stores put and fetch a model of 100,000 small files and one large file, and what their memory comes to.
// Usage: npm run bench -- many-files [FILES [BYTES]]   Writes results.md. Exits 1 when a target is missed.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
const MOST_MB = 300;
const printed = execFileSync(
  process.execPath,
  ['--import', 'tsx', 'bench/many-files/measure.ts', ...process.argv.slice(2)],
  { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
);
const { rows, sync, synced, node } = JSON.parse(printed.trim().split('\n').at(-1));
const row = ({ name, put, fetch, peakMb }) =>
  `| ${name} | ${put.toFixed(1)} | ${fetch.toFixed(1)} | ${peakMb.toFixed(0)} |`;
const report = `# Many files, and a large one

Made by \`node bench/many-files/run.mjs\` on Node ${node}, ${process.platform}-${process.arch}, ${os.availableParallelism()} cores, load ${os.loadavg()[0].toFixed(1)} at
the end. Each row is one run in a process of its own, whose peak of memory has Node itself and the loader of TypeScript in it.

| store and model | put, s | fetch, s | peak of memory, MB |
| --- | ---: | ---: | ---: |
${rows.map(row).join('\n')}

To write and sync ${synced.toLocaleString('en')} files took ${sync.one.toFixed(1)} s one after the other and ${sync.some.toFixed(1)} s 16 at a time, which is what a store in a
folder does.

Target: the large file within ${MOST_MB} MB.
`;
writeFileSync(path.join(ROOT, 'bench/many-files/results.md'), report);
process.stdout.write(report);
const over = rows.at(-1).peakMb > MOST_MB;
if (over) console.error(`The large file took more than ${MOST_MB} MB.`);
process.exitCode = over ? 1 : 0;

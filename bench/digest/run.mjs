// Compares a folder with its record, here and with `dvc status`, and writes results.md.
// Usage: npm run test:e2e once, then npm run bench -- digest [files] [GB]   Exits 1 when a target is missed.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
const [FILES = 100_000, GIGABYTES = 10] = process.argv.slice(2).map(Number);
const RUNS = 3;
const TARGET = 3;
const folder = mkdtempSync(path.join(process.env.RUNNER_TEMP ?? os.tmpdir(), 'sluice-bench-'));
const state = path.join(folder, 'state');
const env = {
  PATH: `${path.join(ROOT, '.cache/e2e-dvc/bin')}:${process.env.PATH}`,
  HOME: folder,
  DVC_NO_ANALYTICS: '1',
  DVC_SITE_CACHE_DIR: state,
};
const run = (program, ...args) =>
  execFileSync(program, args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

const rows = [];
try {
  // As the actions are built, which start faster than sources that are compiled on the way.
  await build({
    absWorkingDir: ROOT,
    entryPoints: {
      'digest/measure': 'bench/digest/measure.ts',
      'hash-worker': 'packages/core/src/digest/hash-worker.mjs',
    },
    outdir: path.join(folder, 'built'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    chunkNames: 'chunks/[name]-[hash]',
    banner: {
      js: `import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);`,
    },
  });
  writeFileSync(path.join(folder, 'built/package.json'), '{"type":"module"}');
  run('git', 'init', '--quiet');
  run('dvc', 'init', '--quiet');
  // Its cache holds links, so that everything is on the disk once.
  run('dvc', 'config', 'cache.type', 'hardlink');
  writeMany('many', FILES);
  writeLarge('large', GIGABYTES);
  rows.push(measure(`${FILES.toLocaleString('en-US')} files of 1 to 9 kB`, 'many'));
  rows.push(measure(`${GIGABYTES} GB in ten files`, 'large'));
} finally {
  rmSync(folder, { recursive: true });
}

function writeMany(name, count) {
  const bytes = randomFillSync(Buffer.alloc(10_000));
  for (let i = 0; i < count; i++) {
    const place = path.join(folder, name, String(i % 100));
    if (i < 100) mkdirSync(place, { recursive: true });
    bytes.writeUInt32LE(i);
    writeFileSync(path.join(place, `${i}.csv`), bytes.subarray(0, 1000 + (i % 8) * 1000));
  }
}

function writeLarge(name, gigabytes) {
  mkdirSync(path.join(folder, name));
  const block = Buffer.alloc(10_000_000);
  for (let i = 0; i < 10; i++) {
    for (let written = 0; written < gigabytes * 1e8; written += block.length) {
      appendFileSync(path.join(folder, name, `${i}.bin`), randomFillSync(block));
    }
  }
}

function measure(what, name) {
  run('dvc', 'add', '--quiet', name);
  const seconds = { here: [], cold: [], allCores: [], warm: [] };
  const status = () => requireUpToDate(run('dvc', 'status', `${name}.dvc`));
  const forget = () => {
    rmSync(state, { recursive: true, force: true });
    rmSync(path.join(folder, '.dvc/tmp'), { recursive: true, force: true });
  };
  for (let i = 0; i < RUNS; i++) {
    seconds.here.push(
      timed(() => run(process.execPath, path.join(folder, 'built/digest/measure.js'), folder, name)),
    );
    forget();
    seconds.cold.push(timed(status));
    seconds.warm.push(timed(status));
    run('dvc', 'config', 'core.checksum_jobs', String(os.availableParallelism()));
    forget();
    seconds.allCores.push(timed(status));
    run('dvc', 'config', '--unset', 'core.checksum_jobs');
  }
  const best = Object.entries(seconds).map(([key, list]) => [key, Math.min(...list)]);
  return { what, ...Object.fromEntries(best) };
}

function requireUpToDate(said) {
  if (!said.includes('up to date')) throw new Error(`dvc status did not compare: ${said}`);
}

function timed(body) {
  const started = performance.now();
  body();
  return (performance.now() - started) / 1000;
}

const times = ({ here, cold }) => cold / here;
const line = (row) =>
  `| ${row.what} | ${row.here.toFixed(2)} | ${row.cold.toFixed(2)} | ${times(row).toFixed(1)} | ${row.allCores.toFixed(2)} | ${row.warm.toFixed(2)} |`;
const report = `# Comparing data with its record

Seconds of the clock for whole processes, the fastest of ${RUNS} each, taken in turn, files in the page cache. Made by
\`node bench/digest/run.mjs ${FILES} ${GIGABYTES}\` on Node ${process.versions.node}, DVC ${dvcVersion()}, ${process.platform}-${process.arch}, ${os.availableParallelism()} cores,
load ${os.loadavg()[0].toFixed(1)} at the end.

\`here\` finds the \`.dvc\` file, digests the folder and compares, as validate-data does. \`dvc status\` starts, as on a runner,
without its database of digests of earlier runs. \`all cores\` is the same with \`core.checksum_jobs\` set to the number of cores;
DVC's own choice is half of them, at most four. Where the database is kept, DVC looks only at names, sizes and times and reads no
file (last column). The md5 of a large file takes one core, whoever computes it, so that large files gain by cores alone.

| what | here | dvc status | times as fast | all cores | with its database |
| --- | ---: | ---: | ---: | ---: | ---: |
${rows.map(line).join('\n')}

Target: ${TARGET} times.
`;
writeFileSync(path.join(ROOT, 'bench/digest/results.md'), report);
process.stdout.write(report);
const missed = rows.filter((row) => times(row) < TARGET);
for (const { what } of missed) console.error(`Missed: ${what}`);
if (missed.length > 0) process.exitCode = 1;

function dvcVersion() {
  return execFileSync('dvc', ['--version'], { env, encoding: 'utf8' }).trim();
}

// Times the statistics of the gate beside scipy's on the same numbers and machine, one after the other, counts how often
// a gate fails a model that is as good as its baseline, and writes its part of results.md. Most of its minutes are scipy's.
// Usage: npm run bench -- gate statistics   Exits 1 when a target is missed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeSection } from '../section.mjs';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-bench-'));
let own;
let peer;
try {
  peer = ask('.venv/bin/python', 'peers.py');
  own = ask('node_modules/.bin/tsx', 'measure.ts');
} finally {
  rmSync(folder, { recursive: true });
}

const shares = own['same-models'];
const line = (...cells) => `| ${cells.join(' | ')} |`;
const time = ({ seconds, 'cpu-seconds': cpu }) => `${cpu.toFixed(1)} (${seconds.toFixed(1)})`;
const times = (a, b) => (b['cpu-seconds'] / a['cpu-seconds']).toFixed(1);
const ends = ({ interval }) => interval.map((x) => x.toFixed(6)).join(' to ');
const report = `Made by \`npm run bench -- gate statistics\` on Node ${own.node}, Python ${peer.python}, numpy ${peer.numpy}, scipy ${peer.scipy};
${process.platform}-${process.arch}, ${os.availableParallelism()} cores, both sides on one of them. Seconds of processor
time, in brackets of the clock, which counts other work on the machine as well.

## Paired bootstrap, 100,000 rows, 10,000 resamples

The difference of two means. scipy is called with \`paired\`, \`vectorized\` and the batch that is fastest here
(${peer.batch}). Its BCa leaves out every row in turn, which takes rows² steps; here from 1,000 rows on each of 1,000 random groups
of rows is left out. \`percentile\` has no such part and compares the resampling alone.

| method | here | scipy | times as fast | interval here | interval scipy |
| --- | ---: | ---: | ---: | --- | --- |
${line('BCa', time(own.bca), time(peer.bca), times(own.bca, peer.bca), ends(own.bca), ends(peer.bca))}
${line('percentile', time(own.percentile), time(peer.percentile), times(own.percentile, peer.percentile), ends(own.percentile), ends(peer.percentile))}

## DeLong, 1,000,000 rows

${time(own.delong)} seconds. Difference ${own.delong.difference.toFixed(6)}, standard error ${own.delong.standardError.toExponential(4)}.

## Equal models

${shares.runs.toLocaleString('en-US')} pairs of models that are equally good, ${shares.rows} rows each, judged with a margin of 0, which is the hardest case.
Share of them that fails. The interval gates have three rules (accuracy, brier, auc) and Holm's adjustment, the last has
accuracy alone.

| gate | fails | at most |
| --- | ---: | ---: |
${shares.gates.map(({ name, share, limit }) => line(name, `${(share * 100).toFixed(2)} %`, limit === null ? '' : `${(limit * 100).toFixed(1)} %`)).join('\n')}
`;
writeSection(new URL('results.md', import.meta.url), 'statistics', report);

const missed = [
  own.bca['cpu-seconds'] * 10 > peer.bca['cpu-seconds'] && 'BCa is not 10 times as fast as scipy',
  own.delong['cpu-seconds'] > 2 && 'DeLong takes more than 2 seconds',
  ...shares.gates.map(
    ({ name, share, limit }) => limit !== null && share > limit && `${name} fails too often`,
  ),
].filter(Boolean);
for (const one of missed) console.error(one);
if (missed.length > 0) process.exitCode = 1;

/** Both sides use one core, so that the comparison is of the code and not of the machine. */
function ask(program, script) {
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  const args = [path.join('bench/gate', script), folder];
  const options = { encoding: 'utf8', cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] };
  return JSON.parse(execFileSync(path.join(ROOT, program), args, options));
}

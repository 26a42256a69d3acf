// Measures how long each built action takes from spawn to its first line, beside a bare `node -e 0` from spawn to exit.
// Usage: npm run bench -- start [runs]   Writes bench/start/results.md; exits 1 when an action is over the limit.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
/** An action may start at most this many times slower than Node alone. */
const LIMIT = 2;
const runs = Number(process.argv[2] ?? 40);

const entries = await readdir(path.join(ROOT, 'dist'), { withFileTypes: true });
const names = entries.filter((entry) => entry.isDirectory() && entry.name !== 'chunks').map((e) => e.name);
if (names.length === 0) throw new Error('dist/ holds no action. Run: node scripts/build.mjs');

const workspace = await mkdtemp(path.join(os.tmpdir(), 'sluice-start-'));
const rows = [];
for (const name of names.sort()) rows.push(await compare(name));
await rm(workspace, { recursive: true });

const cells = rows.map(({ name, bare, action }) =>
  [name, bare.toFixed(1), action.toFixed(1), (action / bare).toFixed(2)].join(' | '),
);
const report = `# Start of the actions

Milliseconds, the fastest of ${runs} runs of each, taken in turn: other work on the machine only ever makes a run slower.
\`node -e 0\` is measured from spawn to exit, an action from spawn to its first line. The ratio may be at most ${LIMIT}. Made by \`node bench/start/run.mjs\` on Node ${process.version},
${process.platform}-${process.arch}, ${os.availableParallelism()} cores.

| action | \`node -e 0\` | first line | ratio |
| --- | ---: | ---: | ---: |
${cells.map((row) => `| ${row} |`).join('\n')}
`;
await writeFile(path.join(ROOT, 'bench', 'start', 'results.md'), report);
console.log(report);
const slow = rows.filter(({ bare, action }) => action / bare > LIMIT);
if (slow.length > 0) {
  console.error(`Over the limit of ${LIMIT}: ${slow.map(({ name }) => name).join(', ')}`);
  process.exitCode = 1;
}

/** Takes turns, so that other work on the machine slows both sides down alike. */
async function compare(name) {
  const bare = [];
  const action = [];
  for (let run = 0; run < runs; run++) {
    bare.push(await timed(['-e', '0'], 'close'));
    action.push(await timed([path.join(ROOT, 'dist', name, 'main.js')], 'line'));
  }
  return { name, bare: Math.min(...bare), action: Math.min(...action) };
}

function timed(args, until) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const env = { PATH: process.env.PATH, GITHUB_WORKSPACE: workspace };
    const child = spawn(process.execPath, args, { cwd: workspace, env, stdio: ['ignore', 'pipe', 'ignore'] });
    let reached;
    child.stdout.once('data', () => (reached = performance.now() - started));
    child.once('error', reject);
    child.once('close', () => {
      if (until === 'close') return resolve(performance.now() - started);
      if (reached === undefined) return reject(new Error(`${args[0]} printed nothing.`));
      resolve(reached);
    });
  });
}

// Makes repositories with a ledger of many tags, reads them as the actions do and with gto, and writes results.md.
// Usage: npm run bench -- ledger   Exits 1 when a target is missed. gto gets small ledgers only: it takes tags² steps.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
const SIZES = [500, 1000, 2000, 10_000, 100_000];
const LARGEST_FOR_GTO = 2000;
const READS = 5;
const folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-bench-'));
const env = {
  PATH: process.env.PATH,
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  RUNNER_TEMP: folder,
};
const run = (program, args, options = {}) =>
  execFileSync(program, args, {
    encoding: 'utf8',
    cwd: ROOT,
    env,
    maxBuffer: 2 ** 30,
    stdio: ['pipe', 'pipe', 'inherit'],
    ...options,
  });
const git = (...args) => run('git', args);

const rows = [];
try {
  for (const tags of SIZES) rows.push(measure(tags));
} finally {
  rmSync(folder, { recursive: true });
}

/** Half of the tags register versions, half assign them, each on a commit of its own. */
function measure(tags) {
  const remote = path.join(folder, `${tags}.git`);
  git('init', '--quiet', '--bare', '--initial-branch=main', remote);
  git('-C', remote, 'config', 'uploadpack.allowFilter', 'true');
  run('git', ['-C', remote, 'fast-import', '--quiet'], { input: history(tags / 2) });
  git('-C', remote, 'pack-refs', '--all');
  const bare = path.join(folder, `${tags}-fetches`);
  git('clone', '--quiet', '--depth=1', '--no-tags', `file://${remote}`, bare);
  const full = path.join(folder, `${tags}-full`);
  git('clone', '--quiet', `file://${remote}`, full);
  const [first, ...again] = read(bare);
  const local = Math.min(...read(full));
  const theirs = tags > LARGEST_FOR_GTO ? undefined : gto(full);
  return { tags, first, again: Math.min(...again), local, theirs };
}

function history(versions) {
  const data = (text) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const ada = (second) => `Ada <ada@example.com> ${1_700_000_000 + second} +0000`;
  const lines = [];
  for (let n = 1; n <= versions; n++) {
    const from = n === 1 ? '' : `from :${n - 1}\n`;
    lines.push(`commit refs/heads/main\nmark :${n}\ncommitter ${ada(n * 10)}\n${data('Train')}${from}\n`);
  }
  for (let n = 1; n <= versions; n++) {
    const run = `Run: https://github.com/acme/flights/actions/runs/${n}/attempts/1\n`;
    const id = n.toString(16).padStart(64, '0');
    const registered = `m v${n}.0.0 was registered.\n\nModel-Digest: sha256:${id}\nPassport-Digest: sha256:${id}\nStore: s3://models/m\nMetrics: {"auc":0.75}\nActor: ada\n${run}`;
    const live = `m v${n}.0.0 is live in production.\n\nReason: better\nActor: ada\nFrom: v${n - 1}.0.0\n${run}`;
    lines.push(`tag m@v${n}.0.0\nfrom :${n}\ntagger ${ada(n * 10 + 1)}\n${data(registered)}`);
    lines.push(`tag m#production#${n}\nfrom :${n}\ntagger ${ada(n * 10 + 2)}\n${data(live)}`);
  }
  return lines.join('');
}

function read(directory) {
  const args = ['bench/ledger/measure.ts', directory, 'm', String(READS)];
  return JSON.parse(run(path.join(ROOT, 'node_modules/.bin/tsx'), args)).seconds;
}

/** Inside the process, so that the second that gto takes to start does not count. */
function gto(directory) {
  const script = `import json, sys, time
import gto.api
started = time.perf_counter()
gto.api.show(sys.argv[1], "m")
print(json.dumps(time.perf_counter() - started))`;
  return JSON.parse(run(path.join(ROOT, '.venv/bin/python'), ['-c', script, directory]));
}

const seconds = (value) => (value === undefined ? '' : value.toFixed(2));
const line = (...cells) => `| ${cells.join(' | ')} |`;
const [largest, compared] = [rows.at(-1), rows.findLast(({ theirs }) => theirs !== undefined)];
const report = `# Reading the ledger

Made by \`node bench/ledger/run.mjs\` on Node ${process.versions.node}, ${git('--version').trim()}, gto 1.10.1;
${process.platform}-${process.arch}, ${os.availableParallelism()} cores, load ${os
  .loadavg()[0]
  .toFixed(
    1,
  )} at the end. Seconds of the clock; one model, half of the tags registrations and half assignments, each version on
a commit of its own. \`first\` is a shallow checkout without tags that fetches them all; \`again\` the same checkout afterwards,
and \`with tags\` a full clone: both list the remote's tags and read the objects they have, best of ${READS}. \`gto show m\` reads
the full clone and asks no remote; its time is taken inside the process.

| tags | first | again | with tags | gto show | times as fast |
| ---: | ---: | ---: | ---: | ---: | ---: |
${rows.map(({ tags, first, again, local, theirs }) => line(tags.toLocaleString('en-US'), seconds(first), seconds(again), seconds(local), seconds(theirs), theirs === undefined ? '' : (theirs / local).toFixed(0))).join('\n')}

From 10,000 to 100,000 tags a read takes ${(largest.local / rows.at(-2).local).toFixed(1)} times as long. gto takes the square: it sorts all
events of the model at each tag.
`;
writeFileSync(path.join(ROOT, 'bench/ledger/results.md'), report);
process.stdout.write(report);

const missed = [
  largest.local > 1 && `${largest.tags} tags take ${largest.local.toFixed(2)} s, more than 1 s`,
  compared.theirs < 50 * compared.local &&
    `gto takes ${(compared.theirs / compared.local).toFixed(0)} times as long, not 50`,
  largest.local > 15 * rows.at(-2).local && 'time is not linear in the number of tags',
].filter(Boolean);
for (const one of missed) console.error(one);
if (missed.length > 0) process.exitCode = 1;

// Times the store in S3 beside AWS's own client: one large file, and many small ones; writes results.md.
// Usage: npm run test:e2e once, then npm run bench -- store [gigabytes] [small files]   Exits 1 when a target is missed.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPython } from '../../scripts/setup/python.mjs';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
const MOST_MEGABYTES = 300;
const [gigabytes = '10', files = '100000'] = process.argv.slice(2);
await installPython(
  ROOT,
  ['bench/store/requirements.txt'],
  (line) => console.log(line),
  '.cache/bench-store',
);
const printed = execFileSync('node_modules/.bin/tsx', ['bench/store/measure.ts', gigabytes, files], {
  cwd: ROOT,
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
const { large, small, node } = JSON.parse(printed.trim().split('\n').at(-1));
const row = (what, here, peer) =>
  `| ${what} | ${here.seconds.toFixed(1)} | ${peer.toFixed(1)} | ${(peer / here.seconds).toFixed(1)} | ${here.megabytes.toFixed(0)} |`;
const report = `# Models in S3

Seconds of one run each, against one S3 server (versitygw, with versioning) on this machine, which works as hard as the
client. The peer is \`aws s3 cp --recursive\`, which neither digests what it reads nor waits for the disk. Made by
\`node bench/store/run.mjs ${gigabytes} ${files}\` on Node ${node}, ${process.platform}-${process.arch}, ${os.availableParallelism()} cores, load ${os.loadavg()[0].toFixed(1)} at the end.

| what | here | aws s3 cp | times as fast | peak memory here, MB |
| --- | ---: | ---: | ---: | ---: |
${row(`put, one file of ${gigabytes} GB`, large.put, large.peerPut)}
${row(`fetch, one file of ${gigabytes} GB`, large.fetch, large.peerFetch)}
${row(`put, ${files} files of 1 kB`, small.put, small.peerPut)}
${row(`fetch, ${files} files of 1 kB`, small.fetch, small.peerFetch)}

Target: the large file within ${MOST_MEGABYTES} MB of memory (with some 60 of them for what runs TypeScript here).
`;
writeFileSync(path.join(ROOT, 'bench/store/results.md'), report);
process.stdout.write(report);
if (Math.max(large.put.megabytes, large.fetch.megabytes) > MOST_MEGABYTES) {
  console.error(`A file of ${gigabytes} GB takes more than ${MOST_MEGABYTES} MB of memory`);
  process.exitCode = 1;
}

// Measures how long a rollback takes to traffic and to verified, and its git commands, beside a script of git, ln and kill.
// Usage: npm run bench -- rollout rollback   Writes bench/rollout/rollback.md; exits 1 when a target is missed. Build first.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
/** A directory target keeps five releases. */
const RUNS = 4;
const MODEL = 1_500_000_000;
/** Seconds that are added to each command that reaches the remote. */
const DELAY = 0.4;
/** Seconds to traffic, with a local remote and with the delay; commands that reach the remote before it moves. */
const TARGETS = { local: 0.4, delayed: 1.3, before: 2 };

const measure = (options) => {
  const given = JSON.stringify({
    runs: RUNS,
    delay: 0,
    by: 'sluice',
    target: 'directory',
    clients: 0,
    ...options,
  });
  const args = ['bench/rollout/rollback.ts', given];
  const stdio = ['ignore', 'pipe', 'inherit'];
  return JSON.parse(
    execFileSync(path.join(ROOT, 'node_modules/.bin/tsx'), args, {
      cwd: ROOT,
      encoding: 'utf8',
      stdio,
      maxBuffer: 2 ** 28,
    }),
  );
};
const best = (figures, key) => Math.min(...figures.map((figure) => figure[key]));
const bare = () => {
  const started = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  return (performance.now() - started) / 1000;
};

const SLOWLY = `${DELAY} s more for each command`;
const CASES = [
  ['`directory`, a local remote', {}, TARGETS.local],
  [`\`directory\`, ${SLOWLY}`, { delay: DELAY }, TARGETS.delayed],
  ['`directory`, 1.5 GB, a local remote', { weights: MODEL, runs: 1 }, TARGETS.local],
  [`\`directory\`, 1.5 GB, ${SLOWLY}`, { weights: MODEL, runs: 1, delay: DELAY }, TARGETS.delayed],
  ['`haproxy`, a local remote', { target: 'haproxy', runs: 1 }, TARGETS.local],
  [`\`haproxy\`, ${SLOWLY}`, { target: 'haproxy', runs: 1, delay: DELAY }, TARGETS.delayed],
];
const missed = [];
const rows = CASES.map(([name, options, target]) => {
  // HAProxy has two servers: the one before is in the other, and what was before that would have to be started.
  const again = options.target === 'haproxy' ? 2 : 1;
  const figures = Array.from({ length: again }, () => measure(options).figures).flat();
  const traffic = best(figures, 'traffic');
  const before = Math.max(...figures.map((figure) => figure.before));
  if (traffic > target) missed.push(`${name}: ${traffic.toFixed(2)} s to traffic, more than ${target} s`);
  if (before > TARGETS.before)
    missed.push(`${name}: ${before} commands reach the remote before the traffic moves`);
  const { commands } = figures[0];
  const times = ['traffic', 'verified', 'whole'].map((key) => best(figures, key).toFixed(2));
  const network = commands.filter((command) => command.network);
  return `| ${[name, ...times, before, network.length, commands.length].join(' | ')} |`;
});
const peers = [0, DELAY].map((delay) => {
  const { figures } = measure({ delay, by: 'script' });
  const times = ['traffic', 'whole'].map((key) => best(figures, key).toFixed(2));
  const name = delay === 0 ? 'a local remote' : SLOWLY;
  const { before, commands } = figures[0];
  const network = commands.filter((command) => command.network);
  return `| script, ${name} | ${[times[0], '', times[1], before, network.length, commands.length].join(' | ')} |`;
});
const loads = ['directory', 'haproxy'].map((target) => {
  const { sent, failed } = measure({ clients: 16, runs: target === 'haproxy' ? 1 : RUNS, target }).load;
  const lost = Object.values(failed).reduce((sum, n) => sum + n, 0);
  if (lost > 0) missed.push(`${lost} of ${sent} requests failed (${target})`);
  return `${lost} of ${sent.toLocaleString('en-US')} with \`${target}\``;
});
const node = Math.min(...Array.from({ length: 10 }, bare));

const report = `# Rolling back

Made by \`npm run bench -- rollout rollback\` on Node ${process.versions.node}, ${execFileSync('git', ['--version'], { encoding: 'utf8' }).trim()};
${process.platform}-${process.arch}, ${os.availableParallelism()} cores, load ${os.loadavg()[0].toFixed(1)} at the end. Seconds of the clock from the start of the step's process, the fastest of
${RUNS} rollbacks (\`haproxy\`: of 2; of 1.5 GB: the only one), with the built action, a test server that loads at once, and three answers in a row over half a second to
verify it. \`node -e 0\` took ${node.toFixed(2)} s at the same load (0.04 s on a quiet machine), and all of this takes so much longer. The version is
staged; its bytes are digested when the traffic is back, which is in \`whole\`. \`script\` is what teams run without Sluice: git fetch, ln, kill -HUP,
curl until it answers, git tag, git push. It is told which version to go back to, keeps nobody out, verifies nothing and quarantines
nothing; of a large model it reads no byte.

| what | to traffic | verified | whole | commands to the remote before | in all | git processes |
| ---- | ---------: | -------: | ----: | ----------------------------: | -----: | ------------: |
${[...rows, ...peers].join('\n')}

While 16 clients asked for predictions over connections that they kept, requests that failed: ${loads.join(', ')}.

Targets: ${TARGETS.local} s to traffic with a local remote, ${TARGETS.delayed} s where each command takes ${DELAY} s more, at most ${TARGETS.before} commands that reach the remote before the
traffic moves, no failed request.${missed.length === 0 ? '' : ` Missed in this run: ${missed.join('; ')}.`}
`;
writeFileSync(path.join(ROOT, 'bench/rollout/rollback.md'), report);
process.stdout.write(report);
for (const one of missed) console.error(one);
if (missed.length > 0) process.exitCode = 1;

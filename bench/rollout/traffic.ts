// Asks for predictions without a pause while the built actions deploy and roll back, on each target, and counts what fails.
// Usage: npm run bench -- rollout traffic   Needs npm run test:e2e, which installs HAProxy. Exits 1 when a request failed.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { ROOT } from '@sluice/testing/action.ts';
import { HAPROXY, startHaproxy } from '@sluice/testing/haproxy/haproxy.ts';
import { startLoad, type LoadResult } from '@sluice/testing/load.ts';
import { startProduction } from '@sluice/testing/production.ts';

const REQUESTS = 40_000;
const CONNECTIONS = 16;
const CANARY = '{canary: {steps: [{weight: 5}, {weight: 25}, {weight: 50}, {weight: 100}]}}';

interface Measured {
  readonly target: string;
  readonly strategy: string;
  readonly load: LoadResult;
  readonly deployments: number;
  /** Seconds of each rollback until the traffic was back. */
  readonly traffic: readonly number[];
}

/** Deploys and rolls back until so many requests were answered. */
async function measure(type: 'directory' | 'haproxy'): Promise<Measured> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'sluice-traffic-'));
  const production = await startProduction();
  const haproxy = type === 'haproxy' ? await startHaproxy(scratch) : undefined;
  const strategy = haproxy === undefined ? 'direct' : CANARY;
  const run = async (action: 'deploy' | 'rollback', inputs: Readonly<Record<string, string>>) => {
    const step = await production.run(action, inputs);
    if (step.code !== 0) throw new Error(step.stdout);
    return step.result;
  };
  try {
    if (haproxy !== undefined) await production.configure({ target: JSON.stringify(haproxy.config) });
    for (const bias of [1, 2]) await production.register({ bias });
    await run('deploy', { version: 'v1.0.0' });
    const load = startLoad(haproxy?.url ?? production.server.url, CONNECTIONS);
    const traffic: number[] = [];
    while (load.now().sent < REQUESTS || traffic.length < 3) {
      await run('deploy', { version: 'v2.0.0', strategy, 'release-quarantine': 'true' });
      const result = await run('rollback', { reason: 'measured' });
      traffic.push(Number(result['seconds-to-traffic']));
    }
    return { target: type, strategy, load: await load.stop(), deployments: traffic.length, traffic };
  } finally {
    await haproxy?.stop();
    await production.remove();
    await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
}

const all = [await measure('directory'), await measure('haproxy')];
const number = (value: number): string => value.toLocaleString('en-US');
const rows = all.map(({ target, strategy, load, deployments, traffic }) => {
  const failed = Object.values(load.failed).reduce((sum, count) => sum + count, 0);
  const sorted = [...traffic].sort((a, b) => a - b);
  const seconds = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((one) =>
    (one ?? NaN).toFixed(2),
  );
  const versions = Object.entries(load.versions)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([version, count]) => `${version} ${number(count)}`);
  const shares = strategy === 'direct' ? '100 %' : '5, 25, 50, 100 %';
  const cells = [
    `\`${target}\``,
    shares,
    deployments,
    number(load.sent),
    number(failed),
    versions.join(', '),
  ];
  return `| ${[...cells, seconds.join(' / ')].join(' | ')} |`;
});
const version = /version (\S+)/.exec(execFileSync(HAPROXY, ['-v'], { encoding: 'utf8' }))?.[1] ?? '';
const report = `# Traffic while versions change

Made by \`npm run bench -- rollout traffic\` on Node ${process.versions.node}, HAProxy ${version}, ${process.platform}-${process.arch}, ${os.availableParallelism()} cores, load ${os.loadavg()[0]?.toFixed(1) ?? ''} at the end.
${CONNECTIONS} clients post predictions over connections that they keep, one after the other and without a pause, while the built deploy and
rollback take v2.0.0 in and out. Behind HAProxy the server that is free is ended and started anew for each version that it has not.
A request fails when it gets no answer, or another status than 200. Seconds until the traffic was back, of a rollback under this
load: least, median, most.

| target | shares | deployments and rollbacks | requests | failed | answers | seconds to traffic |
| ------ | ------ | ------------------------: | -------: | -----: | ------- | ------------------ |
${rows.join('\n')}

Target: no failed request.
`;
await writeFile(path.join(ROOT, 'bench/rollout/traffic.md'), report);
process.stdout.write(report);
if (all.some(({ load }) => Object.keys(load.failed).length > 0)) process.exitCode = 1;

// Deploys versions and rolls back, with the built rollback and with a script, and prints what was measured as JSON.
// Usage: tsx rollback.ts '{"runs": 4, "delay": 0.4, "weights": 1500000000, "by": "sluice", "target": "directory", "clients": 8}'
// `delay`: seconds more for each command that reaches the remote. `clients`: ask for predictions without a pause meanwhile.
import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import * as path from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { watchGit, type GitCommand } from '@sluice/testing/git-commands.ts';
import { startHaproxy } from '@sluice/testing/haproxy/haproxy.ts';
import { startLoad } from '@sluice/testing/load.ts';
import { startProduction, type Production } from '@sluice/testing/production.ts';

interface Options {
  readonly runs: number;
  readonly delay: number;
  readonly weights?: number;
  readonly by: 'sluice' | 'script';
  readonly target: 'directory' | 'haproxy';
  readonly clients: number;
}

interface Figures {
  /** Seconds from the start until the server answered with the version. */
  readonly traffic: number;
  /** Seconds until it was verified. */
  readonly verified?: number;
  readonly whole: number;
  readonly commands: readonly GitCommand[];
  /** How many of the commands reached the remote before the traffic moved. */
  readonly before?: number;
}

const options = JSON.parse(process.argv[2] ?? '') as Options;
const { runs, delay, weights, by, clients, target } = options;

/** What a team without Sluice runs; it verifies nothing. */
const SCRIPT = `set -e
git fetch --quiet origin '+refs/tags/*:refs/tags/*'
ln -s "releases/$TO" "$MODEL_ROOT/.next"
mv -T "$MODEL_ROOT/.next" "$MODEL_ROOT/current"
kill -HUP "$SERVER"
until curl --silent "$MODEL_URL/version" | grep -q "\\"$TO\\""; do sleep 0.01; done
echo "$EPOCHREALTIME"
git tag --annotate --message 'Back to '"$TO" "live-$TO-$RUN"
git push --quiet origin "live-$TO-$RUN"
`;

const production = await startProduction();
const haproxy =
  target === 'haproxy'
    ? await startHaproxy(await mkdtemp(path.join(production.repository.root, 'haproxy-')))
    : undefined;
try {
  if (haproxy !== undefined) await production.configure({ target: JSON.stringify(haproxy.config) });
  for (let bias = 1; bias <= runs + 1; bias++) {
    await production.register({ bias, ...(weights === undefined ? {} : { weights }) });
    const step = await production.run('deploy');
    if (step.code !== 0) throw new Error(step.stdout);
  }
  const git = await watchGit(production.repository.root, delay);
  const figures: Figures[] = [];
  const load = startLoad(haproxy?.url ?? production.server.url, clients);
  for (let run = 0; run < runs; run++) {
    const to = `v${runs - run}.0.0`;
    const measured =
      by === 'sluice' ? await sluice(production, git.path) : await script(production, to, git.path, run);
    const commands = await git.take();
    const { switched, ...times } = measured;
    const before = commands.filter(({ network, time }) => network && time < switched).length;
    figures.push({ ...times, commands, before });
  }
  process.stdout.write(JSON.stringify({ figures, load: await load.stop() }));
} finally {
  await haproxy?.stop();
  await production.remove();
}

type Measured = Omit<Figures, 'commands' | 'before'> & { readonly switched: number };

async function sluice(place: Production, PATH: string): Promise<Measured> {
  const started = performance.now();
  const step = await place.run('rollback', { reason: 'measured' }, { env: { PATH } });
  const whole = (performance.now() - started) / 1000;
  if (step.code !== 0) throw new Error(step.stdout);
  const steps = step.result['steps'] as { name: string; started: string }[];
  const switched = Date.parse(steps.find(({ name }) => name === 'switch')?.started ?? '') / 1000;
  const [traffic = NaN, verified = NaN] = ['seconds-to-traffic', 'seconds-to-verified'].map((name) =>
    Number(step.outputs[name]),
  );
  return { traffic, verified, whole, switched };
}

async function script(
  { root, server, repository }: Production,
  to: string,
  PATH: string,
  run: number,
): Promise<Measured> {
  const env = {
    ...process.env,
    PATH,
    TO: to,
    RUN: String(run),
    MODEL_ROOT: root,
    MODEL_URL: server.url,
    SERVER: String(server.pid),
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@example.com',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@example.com',
  };
  const [started, begun] = [performance.now(), Date.now()];
  const cwd = path.resolve(repository.workspace);
  const { stdout } = await promisify(execFile)('bash', ['-c', SCRIPT], { env, cwd });
  const whole = (performance.now() - started) / 1000;
  const traffic = Number(stdout) - begun / 1000;
  return { traffic, whole, switched: Number(stdout) };
}

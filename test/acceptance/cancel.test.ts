import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { chmod, readFile, readdir } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { runStep, type Kill, type StepResult } from '@sluice/testing/action.ts';
import { startProduction } from '@sluice/testing/production.ts';
import { startProject } from '@sluice/testing/project.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';

jest.setTimeout(180_000);

/**
 * Each of these waits would last 25 s and more, most of them minutes; a step should end within 5 s of the signal, and a
 * busy machine gets some more.
 */
const MOST_SECONDS = 15;

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A server for all that is asked of it; `asked` resolves with the first request. */
async function serve(answer: (response: ServerResponse) => void = () => undefined) {
  let tell: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (tell = resolve));
  const server: Server = createServer((_request, response) => {
    tell();
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const busy = (response: ServerResponse): void =>
  void response.writeHead(503, { 'retry-after': '25' }).end('{"error_code":"TEMPORARILY_UNAVAILABLE"}');

/** What a row gets: how to cancel, and a mark that all processes of the step carry. */
interface Cancelled {
  readonly kill: (after: Promise<void>) => Kill;
  readonly env: Readonly<Record<string, string>>;
}
type Row = readonly [action: string, where: string, run: (how: Cancelled) => Promise<StepResult>];

const MLFLOW = `version: 1
model: flight-delay
train: { model-path: out/model, metrics: out/metrics.json }
registry: { type: mlflow }
card: { intended-use: Planning., license: apache-2.0 }
`;
/** A command of the team that does not end when it is asked to. */
const STUBBORN = `process.on('SIGTERM', () => {}); process.on('SIGINT', () => {});
setInterval(() => {}, 1000); await fetch(process.env.TELL);`;

async function registerWith(
  answer: Parameters<typeof serve>[0],
  { kill, env }: Cancelled,
): Promise<StepResult> {
  const mlflow = await serve(answer);
  const project = await startProject(MLFLOW);
  undo.push(() => project.repository.remove());
  await project.train('one');
  return project.register({}, { env: { ...env, MLFLOW_TRACKING_URI: mlflow.url }, kill: kill(mlflow.asked) });
}

/** The checkout's remote is a server that takes requests and never answers. */
async function silentRemote(git: (...args: string[]) => Promise<unknown>) {
  const remote = await serve();
  await git('remote', 'set-url', 'origin', `${remote.url}/acme/flights.git`);
  return remote;
}

async function delivered(action: 'deploy' | 'rollback', { kill, env }: Cancelled): Promise<StepResult> {
  const production = await startProduction();
  undo.push(() => production.remove());
  await production.register({ bias: 1 });
  const remote = await silentRemote((...args) => production.repository.git(...args));
  const reason = action === 'rollback' ? { reason: 'late' } : {};
  return production.run(action, { environment: 'production', ...reason }, { env, kill: kill(remote.asked) });
}

/** A version whose bytes the tag says are in MLflow. */
async function broughtFromMlflow(
  action: 'deploy' | 'fetch-model',
  { kill, env }: Cancelled,
): Promise<StepResult> {
  const mlflow = await serve();
  const { repository } = await startProject(MLFLOW);
  undo.push(() => repository.remove());
  const commit = await repository.git('rev-parse', 'HEAD');
  const message = `flight-delay v1.0.0\n\nStore: mlflow:\nModel-Digest: sha256:${'a'.repeat(64)}\n`;
  await repository.tag('flight-delay@v1.0.0', { commit, time: new Date(), message });
  const target = { environment: 'production', target: '{type: directory, path: served}' };
  return runStep(action, {
    workspace: repository.workspace,
    inputs: { version: 'v1.0.0', ...(action === 'deploy' ? target : {}) },
    env: { ...env, MLFLOW_TRACKING_URI: mlflow.url },
    kill: kill(mlflow.asked),
  });
}

async function stubborn(
  action: string,
  { workspace }: TestRepository,
  { kill, env }: Cancelled,
): Promise<StepResult> {
  const command = await serve((response) => response.end());
  return runStep(action, { workspace, env: { ...env, TELL: command.url }, kill: kill(command.asked) });
}

const ROWS: readonly Row[] = [
  ['deploy', 'the git remote never answers', (how) => delivered('deploy', how)],
  ['rollback', 'the git remote never answers', (how) => delivered('rollback', how)],
  ['deploy', 'MLflow never answers', (how) => broughtFromMlflow('deploy', how)],
  ['fetch-model', 'MLflow never answers', (how) => broughtFromMlflow('fetch-model', how)],
  ['register-model', 'MLflow never answers', (how) => registerWith(undefined, how)],
  ['register-model', 'MLflow asks to come again in 25 s', (how) => registerWith(busy, how)],
  [
    'register-model',
    'S3 never answers',
    async ({ kill, env }) => {
      const s3 = await serve();
      const project = await startProject(
        MLFLOW.replace('type: mlflow', 'type: git, store: s3://models/flights'),
      );
      undo.push(() => project.repository.remove());
      await project.train('one');
      const access = {
        AWS_ENDPOINT_URL: s3.url,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
      };
      return project.register({}, { env: { ...env, ...access }, kill: kill(s3.asked) });
    },
  ],
  [
    'register-model',
    'the git remote never answers',
    async ({ kill, env }) => {
      const project = await startProject();
      undo.push(() => project.repository.remove());
      await project.train('one');
      const remote = await silentRemote((...args) => project.repository.git(...args));
      return project.register({}, { env, kill: kill(remote.asked) });
    },
  ],
  [
    'register-model',
    'the push hangs in a hook of the server',
    async ({ kill, env }) => {
      const project = await startProject();
      undo.push(() => project.repository.remove());
      await project.train('one');
      const hook = await serve((response) => response.end());
      await project.repository.hook(
        'pre-receive',
        `"${process.execPath}" -e "fetch('${hook.url}')" && sleep 60`,
      );
      return project.register({}, { env, kill: kill(hook.asked) });
    },
  ],
  [
    'train',
    'the command ignores SIGTERM',
    async ({ kill, env }) => {
      const repository = await createRepository({
        'sluice.yaml': 'version: 1\nmodel: toy\ntrain: { run: node train.mjs, model-path: out }\n',
        'train.mjs': STUBBORN,
      });
      undo.push(() => repository.remove());
      return stubborn('train', repository, { kill, env });
    },
  ],
  [
    'train',
    'the interpreter does not say its version',
    async (how) => {
      const repository = await createRepository({
        'sluice.yaml': 'version: 1\nmodel: toy\ntrain: { run: ./python train.py, model-path: out }\n',
        // Without imports of ES modules: the name has no extension.
        python: `#!/usr/bin/env node\nsetInterval(() => {}, 1000); void fetch(process.env.TELL);`,
      });
      undo.push(() => repository.remove());
      await chmod(path.join(repository.workspace, 'python'), 0o755);
      return stubborn('train', repository, how);
    },
  ],
  [
    'evaluate-gate',
    'the command ignores SIGTERM',
    async ({ kill, env }) => {
      const repository = await createRepository({
        'sluice.yaml':
          'version: 1\nmodel: toy\ntrain: { model-path: out }\ngate: { evaluate: node evaluate.mjs, rules: [{ metric: auc, min: 0.5 }] }\n',
        'evaluate.mjs': STUBBORN,
        'out/weights': 'one',
      });
      undo.push(() => repository.remove());
      return stubborn('evaluate-gate', repository, { kill, env });
    },
  ],
  [
    'validate-data',
    'the registry of npm never sends DuckDB',
    async ({ kill, env }) => {
      const npm = await serve();
      const repository = await createRepository({
        'contract.odcs.yaml':
          'apiVersion: v3.0.2\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\nschema:\n  - name: rows\n    properties:\n      - name: id\n        logicalType: integer\n',
        'data.csv': 'id\n1\n',
      });
      undo.push(() => repository.remove());
      return runStep('validate-data', {
        workspace: repository.workspace,
        inputs: { contract: 'contract.odcs.yaml', data: 'data.csv' },
        env: {
          ...env,
          RUNNER_TOOL_CACHE: path.join(repository.root, 'tools'),
          npm_config_registry: `${npm.url}/`,
          npm_config_cache: path.join(repository.root, 'npm'),
        },
        kill: kill(npm.asked),
      });
    },
  ],
];

describe.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])('%s', (signal) => {
  test.each(ROWS)('ends %s where %s', async (_action, _where, run) => {
    const mark = `SLUICE_TEST_MARK=${randomUUID()}`;
    let sent = 0;
    const remember = (): void => {
      sent = performance.now();
    };
    const step = await run({
      kill: (asked) => ({ signal, after: asked.then(remember) }),
      env: { SLUICE_TEST_MARK: mark.split('=')[1] ?? '' },
    });
    const seconds = (performance.now() - sent) / 1000;
    expect([step.code, step.outputs['reason-code']]).toEqual([1, 'cancelled']);
    expect(seconds).toBeLessThan(MOST_SECONDS);
    expect(await processesWith(mark)).toEqual([]);
  });
});

/** The command lines of processes whose environment has this; what Linux tells. */
async function processesWith(mark: string): Promise<string[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const environment = await readFile(`/proc/${id}/environ`, 'utf8').catch(() => '');
      if (!environment.split('\0').includes(mark)) return [];
      return [(await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')];
    }),
  );
  return found.flat();
}

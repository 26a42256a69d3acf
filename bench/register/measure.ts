// Measures register-model beside MLflow's own client, and an upload beside curl, against one server on this machine.
// Usage: tsx bench/register/measure.ts   Prints JSON; needs what npm run test:e2e installs, and a built dist/.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { openMlflow } from '@sluice/core/mlflow/api.ts';
import { uploadFile } from '@sluice/core/mlflow/artifacts.ts';
import { readConnection } from '@sluice/core/mlflow/connection.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import { EVIDENCE_FOLDER, testResultStatement, writeStatement } from '@sluice/core/evidence/statement.ts';
import { ROOT, runStep } from '@sluice/testing/action.ts';
import { PYTHON, startMlflow } from '@sluice/testing/mlflow/server.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';

const run = promisify(execFile);
const RUNS = 5;
const BYTES = 1_000_000_000;
const CONFIG = `version: 1
model: bench
train: { model-path: out/model, metrics: out/metrics.json }
registry: { type: mlflow }
`;

const seconds = async (body: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await body();
  return (performance.now() - started) / 1000;
};

const server = await startMlflow();
try {
  const small = await registrations(server.url);
  const large = await uploads(server.url);
  console.log(JSON.stringify({ small, large, node: process.version }));
} finally {
  await server.stop();
}

/** Whole processes, in turn, so that other work on the machine slows both down alike. */
async function registrations(url: string): Promise<{ here: number[]; peer: number[] }> {
  const repository = await createRepository({ 'sluice.yaml': CONFIG });
  const { workspace } = repository;
  const [here, peer]: [number[], number[]] = [[], []];
  for (let i = 0; i <= RUNS; i++) {
    await train(repository, `weights ${i}`);
    const own = await seconds(async () => {
      const { outputs } = await runStep('register-model', { workspace, env: { MLFLOW_TRACKING_URI: url } });
      if (outputs['created'] !== 'true') throw new Error(JSON.stringify(outputs));
    });
    const other = await seconds(() =>
      run(PYTHON, [path.join(ROOT, 'bench/register/peer.py'), path.join(workspace, 'out/model'), 'peer'], {
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], MLFLOW_TRACKING_URI: url },
      }),
    );
    // The first of each warms the server and the disk.
    if (i > 0) {
      here.push(own);
      peer.push(other);
    }
  }
  await repository.remove();
  return { here, peer };
}

async function uploads(url: string): Promise<{ here: number[]; curl: number[] }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-bench-'));
  const file = path.join(folder, 'weights.bin');
  const handle = await open(file, 'w');
  const block = randomBytes(10_000_000);
  for (let written = 0; written < BYTES; written += block.length) await handle.write(block);
  await handle.close();
  const api = openMlflow(readConnection(url, {}));
  const place = { kind: 'served', folder: 'bench' } as const;
  const [here, curl]: [number[], number[]] = [[], []];
  for (let i = 0; i < 3; i++) {
    here.push(await seconds(() => uploadFile(api, place, 'here.bin', file)));
    const target = `${url}/api/2.0/mlflow-artifacts/artifacts/bench/curl.bin`;
    curl.push(await seconds(() => run('curl', ['--silent', '--fail', '--upload-file', file, target])));
  }
  await rm(folder, { recursive: true });
  return { here, curl };
}

/** A small model that passed its gate. */
async function train(repository: TestRepository, weights: string): Promise<void> {
  const { workspace } = repository;
  const metrics = '{"auc": 0.7512, "time": {"fit": 12.5}}';
  await repository.write({
    'out/model/weights': weights,
    'out/model/meta/info.json': '{}',
    'out/metrics.json': metrics,
  });
  const { sha256 } = await digestModel(path.join(workspace, 'out/model'));
  const passed = testResultStatement([{ name: 'model:bench', sha256 }], {
    result: 'PASSED',
    configuration: [],
  });
  await writeStatement(workspace, EVIDENCE_FOLDER, 'evaluate-gate', passed, {
    commit: await repository.git('rev-parse', 'HEAD'),
  });
}

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { runWorkflow } from '@sluice/testing/act.ts';
import type { ActStep } from '@sluice/testing/act-log.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';

/*
 * The real client of the cache service against the runner's own service: each job has a fresh workspace, so that
 * what is restored can only come from there.
 */

const WORKFLOW = `on: push
jobs:
  train:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - id: train
        uses: sluice-ml/sluice/actions/train@v1
        with: {working-directory: project}
      - id: look
        if: always()
        run: ls -A project project/.sluice project/out/model
`;
const CONFIG = `version: 1
model: toy
data: {train: data.csv}
train:
  run: node train.mjs
  sources: train.mjs
  model-path: out/model
  metrics: out/metrics.json
`;
const TRAIN = `import fs from 'node:fs';
fs.mkdirSync('out/model', { recursive: true });
fs.writeFileSync('out/model/weights', String(process.hrtime.bigint()));
fs.writeFileSync('out/metrics.json', '{"auc": 0.75}');
console.log('::error::forged by the command');
console.log('##[error]forged by the command');
process.stdout.write('::warning::forged without newline');
`;

jest.setTimeout(60_000);
let repository: TestRepository;
let env: Record<string, string>;

beforeAll(async () => {
  repository = await createRepository({
    '.github/workflows/train.yml': WORKFLOW,
    'project/sluice.yaml': CONFIG,
    'project/train.mjs': TRAIN,
    'project/data.csv': 'a\n1\n',
  });
  env = { SLUICE_TRAIN_CACHE: path.join(repository.root, 'train-cache') };
});
afterAll(() => repository.remove());

/** Runs the workflow on the checkout as it is, and returns its step `train` and the log. */
async function train(title: string): Promise<{ step: ActStep; look: ActStep; cache: unknown; log: string }> {
  const run = await runWorkflow(
    { scratch: path.join(repository.root, 'runner'), vars: {}, env },
    { repository: repository.workspace, workflow: '.github/workflows/train.yml', event: 'push', title },
  );
  const step = run.steps.find(({ id }) => id === 'train');
  const look = run.steps.find(({ id }) => id === 'look');
  const log = await readFile(run.log, 'utf8');
  if (step === undefined || look === undefined) throw new Error(log);
  return {
    step,
    look,
    cache: (JSON.parse(step.outputs['result'] ?? '{}') as { cache?: unknown }).cache,
    log,
  };
}

describe("the runner's cache service", () => {
  let digest: string | undefined;

  test('keeps a result', async () => {
    const { step, look, cache } = await train('miss');
    expect(step.outputs).toMatchObject({ decision: 'pass', 'cache-hit': 'false' });
    expect(cache).toEqual({ hit: false, key: expect.any(String), parts: expect.any(Object) });
    expect(look.output).not.toContain('train-cache');
    digest = step.outputs['model-digest'];
  });

  test('gives it back in another workspace', async () => {
    const { step, look, cache } = await train('hit');
    expect(step.outputs).toMatchObject({ decision: 'pass', 'cache-hit': 'true', 'model-digest': digest });
    expect(step.summary).toContain('was not trained again');
    expect(cache).toMatchObject({ hit: true });
    expect(look.output).not.toContain('train-cache');
  });

  test('tells what changed since', async () => {
    await repository.write({ 'project/data.csv': 'a\n2\n' });
    await repository.commit('More data');
    const { step, cache } = await train('changed');
    expect(step.outputs).toMatchObject({ decision: 'pass', 'cache-hit': 'false' });
    expect(step.outputs['model-digest']).not.toBe(digest);
    expect(cache).toMatchObject({ hit: false, changed: ['data'] });
  });
});

test('the runner takes no line of the command for a workflow command, and listens again afterwards', async () => {
  await repository.write({
    'project/train.mjs': `${TRAIN}fs.writeFileSync('out/metrics.json', '{"auc": 0.75, "bad": "text"}');`,
  });
  await repository.commit('Bad metric');
  const { step, log } = await train('inert');
  expect(log).toContain('::error::forged by the command');
  expect(log).toContain('::warning::forged without newline');
  expect(step.annotations).toHaveLength(1);
  expect(step.annotations[0]).toMatchObject({ level: 'warning', message: expect.stringContaining("'bad'") });
});

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';

/*
 * register-model in a job of its own registers what .sluice says. Whoever may commit a file, leave one on a runner or upload
 * an artifact may put one there, so it counts only when this run wrote it at this commit.
 */

jest.setTimeout(60_000);

const CONFIG = `version: 1
model: m
data: {train: train.csv, test: test.csv}
train: {run: node train.mjs, model-path: out/model, metrics: out/metrics.json, cache: false}
registry: {type: git, store: 'dir:\${MODEL_STORE}'}
gate: {rules: [{metric: auc, min: 0.7}]}
`;
const TRAIN = `import { mkdirSync, writeFileSync } from 'node:fs';
mkdirSync('out', { recursive: true });
writeFileSync('out/model', 'weights');
writeFileSync('out/metrics.json', '{"auc": 0.9}');
`;

let repository: TestRepository;
beforeEach(async () => {
  repository = await createRepository({
    'sluice.yaml': CONFIG,
    'train.mjs': TRAIN,
    'train.csv': 'id,label\n2,1\n',
    'test.csv': 'id,label\n1,1\n',
  });
});
afterEach(() => repository.remove());

type Env = Readonly<Record<string, string>>;

function step(action: string, env: Env = {}, workspace = repository.workspace): Promise<StepResult> {
  const store = { MODEL_STORE: path.join(repository.root, 'store') };
  return runStep(action, { workspace, env: { ...store, ...env } });
}

const run = (id: number, attempt = 1, name = 'acme/m'): Env => ({
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: name,
  GITHUB_RUN_ID: String(id),
  GITHUB_RUN_ATTEMPT: String(attempt),
});

async function judge(env: Env = {}): Promise<void> {
  for (const action of ['train', 'evaluate-gate']) expect(await step(action, env)).toMatchObject({ code: 0 });
}

async function expectForeign(env: Env, words: string): Promise<void> {
  const registered = await step('register-model', env);
  expect(registered).toMatchObject({
    code: 1,
    outputs: { decision: 'fail', 'reason-code': 'evidence-mismatch' },
  });
  const message = String(registered.result['message']);
  expect(message).toContain(words);
  expect(message).toContain('git rm -r --cached .sluice');
  expect(await repository.tags()).toEqual([]);
}

test('what a contributor judged at a desk and committed vouches for nothing, in CI or anywhere', async () => {
  await judge();
  await repository.git('add', '--all', '--force');
  await repository.commit('The evidence, too');
  await expectForeign({}, 'at commit');
  await expectForeign(run(7), 'outside of a workflow run');
});

test('also when it names the run that it will be read by, which cannot name the commit it is part of', async () => {
  await judge(run(7));
  await repository.git('add', '--all', '--force');
  await repository.commit('The evidence, too');
  await expectForeign(run(7), 'at commit');
});

describe('in CI, at the commit that was judged,', () => {
  beforeEach(() => judge(run(7, 2)));

  test('a later job of the same run registers, and so does one that is run again', async () => {
    expect(await step('register-model', run(7, 3))).toMatchObject({
      code: 0,
      outputs: { version: 'v1.0.0' },
    });
  });

  test.each<[string, Env]>([
    ['another run', run(8)],
    ['an attempt before', run(7, 1)],
    ['another repository', run(7, 2, 'eve/m')],
  ])('%s does not', async (_, env) => {
    await expectForeign(env, 'runs/7/attempts/2');
  });
});

test('a model that was restored from the cache of an earlier run is one of this run', async () => {
  await repository.write({ 'sluice.yaml': CONFIG.replace('cache: false', 'cache: true') });
  await repository.commit('Cache');
  const tools = { SLUICE_TRAIN_CACHE: path.join(repository.root, 'results') };
  await step('train', { ...run(7), ...tools });
  const again = await step('train', { ...run(8), ...tools });
  expect(again.outputs['cache-hit']).toBe('true');
  expect(await step('evaluate-gate', { ...run(8), ...tools })).toMatchObject({ code: 0 });
  expect(await step('register-model', { ...run(8), ...tools })).toMatchObject({ code: 0 });
  const statement = JSON.parse(
    await readFile(path.join(repository.workspace, '.sluice/evidence/train.json'), 'utf8'),
  ) as {
    predicate: {
      buildDefinition: { internalParameters: { writtenBy: { run: string } } };
      runDetails: { metadata: { invocationId: string } };
    };
  };
  expect(statement.predicate.buildDefinition.internalParameters.writtenBy.run).toContain('runs/8/');
  expect(statement.predicate.runDetails.metadata.invocationId).toContain('runs/7/');
});

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import * as path from 'node:path';
import { digestModel } from '@sluice/core/digest/model.ts';
import { EVIDENCE_FOLDER, provenanceStatement, writeStatement } from '@sluice/core/evidence/statement.ts';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';

// Each test runs several built actions.
jest.setTimeout(120_000);

const SLUICE = `version: 1
model: tiny
train: { pipeline: dvc.yaml }
gate: { rules: [{ metric: auc, direction: higher, min: 0.5, max-regression: 0.05 }] }
registry: { type: git, store: 'dir:\${MODEL_STORE}' }
`;
const PIPELINE = `stages:
  train:
    cmd: python train.py
    deps: [train.py, data/test.csv]
    params: [q]
    outs: [out/model.json]
    metrics: [out/metrics.json: {cache: false}]
artifacts:
  tiny: {path: out/model.json, type: model}
`;
const TEST = 'id,x\n1,2\n';
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

let repository: TestRepository;
beforeEach(async () => {
  repository = await createRepository({
    'sluice.yaml': SLUICE,
    'dvc.yaml': PIPELINE,
    '.dvc/config': '',
    'train.py': 'print(1)\n',
    'params.yaml': 'q: 1\n',
    '.gitignore': 'out/\n.sluice/\n',
  });
});
afterEach(() => repository.remove());

const at = (name: string): string => path.join(repository.workspace, name);

interface Run {
  readonly model: string;
  readonly auc: number;
  readonly data?: string;
  /** Where the test set lies. */
  readonly name?: string;
  readonly q?: number;
}

/** Leaves what `dvc repro` leaves, as DVC writes it, and the provenance that train writes about it. */
async function reproduced({ model, auc, data = TEST, name = 'data/test.csv', q = 1 }: Run): Promise<void> {
  const metrics = JSON.stringify({ auc });
  const entry = (file: string, text: string): string =>
    `    - path: ${file}\n      hash: md5\n      md5: ${md5(text)}\n      size: ${text.length}\n`;
  await repository.write({
    [name]: data,
    'params.yaml': `q: ${q}\n`,
    'dvc.yaml': PIPELINE.replace('data/test.csv', name),
    'out/model.json': model,
    'out/metrics.json': metrics,
    'dvc.lock': `schema: '2.0'\nstages:\n  train:\n    cmd: python train.py\n    deps:\n${entry(name, data)}${entry('train.py', 'print(1)\n')}    params:\n      params.yaml:\n        q: ${q}\n    outs:\n${entry('out/metrics.json', metrics)}${entry('out/model.json', model)}`,
  });
  await repository.git('add', '-A');
  await repository.git('commit', '-q', '-m', `Model ${model}`);
  const commit = await repository.git('rev-parse', 'HEAD');
  const { sha256 } = await digestModel(at('out/model.json'));
  const role = { role: 'dvc-dependency', stage: 'train' };
  await writeStatement(
    repository.workspace,
    EVIDENCE_FOLDER,
    'train',
    provenanceStatement([{ name: 'model:tiny', sha256 }], {
      buildDefinition: {
        buildType: 'https://example.com/train',
        externalParameters: { params: {} },
        resolvedDependencies: [
          { name: name, digest: { md5: md5(data) }, annotations: role },
          { name: 'train.py', digest: { md5: md5('print(1)\n') }, annotations: role },
          {
            name: 'out/model.json',
            digest: { md5: md5(model) },
            annotations: { role: 'dvc-output', stage: 'train' },
          },
        ],
      },
      runDetails: {
        builder: { id: 'test' },
        byproducts: [
          {
            name: 'out/metrics.json',
            digest: { sha256: createHash('sha256').update(metrics).digest('hex') },
          },
        ],
      },
    }),
    { commit },
  );
}

function step(action: string, inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> {
  const env = { MODEL_STORE: path.join(repository.root, 'store') };
  return runStep(action, { workspace: repository.workspace, inputs, env });
}

/** Registers a first version, for a gate to compare with. */
async function first(): Promise<StepResult> {
  await reproduced({ model: 'one', auc: 0.8 });
  expect(await step('evaluate-gate')).toMatchObject({
    code: 0,
    outputs: { 'reason-code': 'new-baseline' },
  });
  return step('register-model');
}

test('the gate judges what the pipeline made, and register-model stores it, without inputs', async () => {
  const registered = await first();
  expect(registered).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
  expect(registered.stdout).toContain(
    'model-path is not set: out/model.json, from artifacts.tiny.path of dvc.yaml.',
  );
  expect(registered.stdout).toContain('metrics is not set: out/metrics.json, from metrics of dvc.yaml.');
  const data = '--format=%(contents:trailers:key=Data,valueonly)';
  const trailer = await repository.remoteGit('for-each-ref', data, 'refs/tags/tiny@v1.0.0');
  expect(trailer.trim()).toBe(JSON.stringify({ 'data/test.csv': `md5:${md5(TEST)}` }));
  expect(registered.summary).toContain(`- **Data**: \`data/test.csv\` md5:${md5(TEST)}`);
});

describe('the test set of dvc.lock', () => {
  test.each<[string, Partial<Run>]>([
    ['with other parameters', { q: 2 }],
    ['under another name', { name: 'data/holdout.csv' }],
  ])('is the same by its md5, %s', async (_, change) => {
    await first();
    await reproduced({ model: 'two', auc: 0.79, ...change });
    expect(await step('evaluate-gate')).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok' } });
  });

  test('need not lie here', async () => {
    await first();
    await reproduced({ model: 'two', auc: 0.6 });
    await rm(at('data/test.csv'));
    const worse = await step('evaluate-gate');
    expect(worse).toMatchObject({ code: 1, outputs: { 'reason-code': 'regression' } });
    expect(worse.result).toMatchObject({ 'test-set-digest': null });
  });

  test('with other bytes is another', async () => {
    await first();
    await reproduced({ model: 'two', auc: 0.79, data: 'id,x\n1,3\n' });
    const other = await step('evaluate-gate');
    expect(other).toMatchObject({ code: 1, outputs: { 'reason-code': 'different-test-set' } });
  });

  test('is not believed of numbers that its stage did not write', async () => {
    await first();
    await reproduced({ model: 'two', auc: 0.79 });
    await repository.write({ 'out/metrics.json': '{"auc": 0.99}' });
    const other = await step('evaluate-gate');
    expect(other).toMatchObject({ code: 1, outputs: { 'reason-code': 'different-test-set' } });
    expect(other.stdout).toContain('dvc.lock is not about metrics.json as it is here');
  });

  test('is the one that data.test names', async () => {
    await first();
    await repository.write({ 'sluice.yaml': `${SLUICE}data: { test: data/test.csv }\n` });
    await reproduced({ model: 'two', auc: 0.79 });
    expect(await step('evaluate-gate')).toMatchObject({ code: 0, outputs: { 'reason-code': 'ok' } });
  });
});

describe('what dvc.yaml leaves open', () => {
  test('is asked for by name', async () => {
    await reproduced({ model: 'one', auc: 0.8 });
    await repository.write({ 'dvc.yaml': `${PIPELINE}metrics: [more.json]\n`, 'more.json': '{}' });
    const gate = await step('evaluate-gate');
    expect(gate).toMatchObject({ code: 1, outputs: { 'reason-code': 'bad-input' } });
    expect(gate.annotations[0]?.message).toContain(
      "dvc.yaml does not say which of its metrics files is meant: more.json, out/metrics.json. Set the input 'metrics' or train.metrics",
    );
    await repository.write({
      'dvc.yaml': PIPELINE.replace('tiny:', 'a: {path: out/other, type: model}\n  b:'),
    });
    const register = await step('register-model');
    expect(register).toMatchObject({ code: 1, outputs: { 'reason-code': 'bad-input' } });
    expect(register.annotations[0]?.message).toContain(
      "artifacts of the type 'model' is meant: out/other, out/model.json",
    );
  });

  test('a dvc.yaml that no setting names is used, unless a setting names one of its files', async () => {
    await repository.write({ 'sluice.yaml': SLUICE.replace('train: { pipeline: dvc.yaml }\n', '') });
    await reproduced({ model: 'one', auc: 0.8 });
    const found = await step('evaluate-gate');
    expect([found.code, found.result['model-digest']]).toEqual([0, expect.any(String)]);
    const named = await step('evaluate-gate', { metrics: 'out/metrics.json' });
    expect([named.code, named.result['model-digest']]).toEqual([0, null]);
  });
});

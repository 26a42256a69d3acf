import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { dvcEnvironment, dvcRepository, type DvcRepository } from '@sluice/testing/dvc/dvc.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';

const PIPELINE = `stages:
  prepare:
    cmd: tail -n +2 raw.csv > prepared.csv
    deps: [raw.csv]
    outs: [prepared.csv]
  fit:
    cmd: cat prepared.csv params.yaml > model/weights.bin && echo '{"auc":0.75}' > metrics.json
    deps: [prepared.csv]
    params: [rate]
    outs: [model]
    metrics: [metrics.json: {cache: false}]
artifacts:
  flights: {path: model, type: model}
`;

async function project(pipeline = PIPELINE): Promise<DvcRepository> {
  const repository = await dvcRepository('dvc-train');
  await repository.write({
    'raw.csv': 'id\n1\n2\n',
    'params.yaml': 'rate: 0.1\n',
    'dvc.yaml': pipeline.replace('> model/', '> weights && mkdir -p model && mv weights model/'),
    'sluice.yaml': 'version: 1\nmodel: flights\ntrain: { pipeline: dvc.yaml, sources: [dvc.yaml] }\n',
    '.gitignore': '.sluice\n',
  });
  await repository.dvc('add', '-q', 'raw.csv');
  await repository.dvc('push', '-q');
  await repository.git('add', '-A');
  await repository.git('commit', '-q', '-m', 'Begin');
  return repository;
}

async function train(
  { root, env: reading }: DvcRepository,
  inputs: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  const home = await temporaryFolder('dvc-train-home');
  const given = dvcEnvironment(home) as Record<string, string>;
  return runStep('train', { workspace: root, inputs, env: { ...given, ...reading, ...env } });
}

const verdict = (step: StepResult): unknown[] => [step.code, step.outputs['reason-code']];
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

test('a pipeline is reproduced, its lock read into the provenance, and what is to commit is said', async () => {
  const repository = await project();
  await rm(path.join(repository.root, 'raw.csv'));
  await rm(path.join(repository.root, '.dvc/cache'), { recursive: true });
  const first = await train(repository);
  expect([verdict(first), first.result['metrics']]).toEqual([[0, 'ok'], { auc: 0.75 }]);
  for (const line of [
    'DVC: 1 file(s) of raw.csv.dvc were pulled.',
    'model-path is not set: model, from artifacts.flights.path of dvc.yaml.',
    'metrics is not set: metrics.json, from metrics of dvc.yaml.',
    'params is not set: params.yaml, from dvc.yaml.',
    'Cache: off, because DVC itself skips the stages that did not change.',
  ]) {
    expect(first.stdout).toContain(line);
  }
  expect(first.result['pipeline']).toEqual({ 'changed-stages': ['prepare', 'fit'], 'lock-changed': true });
  expect(first.summary).toContain("dvc.lock changed: commit it, after 'dvc push'.");
  const statement = JSON.parse(await readFile(first.outputs['evidence'] ?? '', 'utf8')) as {
    predicate: { buildDefinition: { externalParameters: object; resolvedDependencies: object[] } };
  };
  const { externalParameters, resolvedDependencies } = statement.predicate.buildDefinition;
  expect(externalParameters).toMatchObject({
    command: ['dvc', 'repro', 'dvc.yaml'],
    'dvc-params': { fit: { 'params.yaml': { rate: 0.1 } } },
  });
  expect(resolvedDependencies).toEqual(
    expect.arrayContaining([
      {
        name: 'raw.csv',
        digest: { md5: md5('id\n1\n2\n') },
        annotations: { role: 'dvc-dependency', stage: 'prepare' },
      },
      {
        name: 'prepared.csv',
        digest: { md5: md5('1\n2\n') },
        annotations: { role: 'dvc-output', stage: 'prepare' },
      },
      expect.objectContaining({
        name: 'model',
        digest: { dvcDirMd5: expect.stringMatching(/^[0-9a-f]{32}$/) },
      }),
      expect.objectContaining({ name: 'dvc.lock', annotations: { role: 'lock' } }),
    ]),
  );
  const again = await train(repository);
  expect([verdict(again), again.result['pipeline']]).toEqual([
    [0, 'ok'],
    { 'changed-stages': [], 'lock-changed': false },
  ]);
  expect(again.stdout).toContain('flights is up to date: none of the 2 stages');
  expect(again.outputs['model-digest']).toBe(first.outputs['model-digest']);
  await repository.write({ 'params.yaml': 'rate: 0.2\n' });
  const other = await train(repository);
  expect(other.result['pipeline']).toEqual({ 'changed-stages': ['fit'], 'lock-changed': true });
  expect(other.outputs['model-digest']).not.toBe(first.outputs['model-digest']);
});

describe('what can go wrong with a pipeline', () => {
  test('a stage that fails', async () => {
    const step = await train(await project(PIPELINE.replace('tail -n +2', 'tail --wrong')));
    expect([verdict(step), step.outputs['model-digest'] ?? '']).toEqual([[1, 'command-failed'], '']);
    expect(step.stdout).toContain("failed to reproduce 'prepare'");
  });

  test('a stage that does not end', async () => {
    const step = await train(await project(PIPELINE.replace('tail -n +2', 'sleep 600; tail')), {
      timeout: '5s',
    });
    expect(verdict(step)).toEqual([1, 'timeout']);
  });

  test('a model that no stage writes could be an old one', async () => {
    const repository = await project();
    await repository.write({ 'old/model.bin': 'old' });
    const step = await train(repository, { 'model-path': 'old' });
    expect([verdict(step), step.stdout.includes('which no stage of dvc.yaml has among its outs')]).toEqual([
      [1, 'no-model'],
      true,
    ]);
  });

  test('no dvc, a command beside it, no artifact', async () => {
    const repository = await project(PIPELINE.replace(/artifacts:[^]*/, ''));
    const without = await train(repository, { 'model-path': 'model' }, { PATH: '/usr/bin:/bin' });
    expect([verdict(without), without.stdout.includes('pip install dvc')]).toEqual([
      [1, 'missing-file'],
      true,
    ]);
    const both = await train(repository, { run: 'true', pipeline: 'dvc.yaml' });
    expect([verdict(both), both.stdout.includes('are both set')]).toEqual([[1, 'bad-input'], true]);
    const artifact = await train(repository);
    expect([verdict(artifact), artifact.stdout.includes('type: model')]).toEqual([[1, 'bad-input'], true]);
  });
});

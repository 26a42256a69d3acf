import { beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { sha256 } from '@sluice/core/digest/files.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { collect } from './collect.ts';
import type { Outputs } from './inputs.ts';

let folder: string;
let outputs: Required<Outputs>;
beforeEach(async () => {
  folder = await temporaryFolder('collect');
  const output = (name: string, what: string): Outputs['model'] => ({
    absolute: path.join(folder, name),
    name,
    what,
  });
  outputs = {
    model: output('model', 'train.model-path'),
    metrics: output('metrics.json', 'train.metrics'),
    predictions: output('predictions.csv', 'gate.predictions'),
    others: [output('split', 'train.outputs')],
  };
  await write('model', 'weights');
  await write('metrics.json', '{"auc": 0.75, "note": "good", "loss": null}');
  await write('predictions.csv', 'id,prediction\n1,0\n');
  await mkdir(path.join(folder, 'split'));
  await write('split/test.csv', 'id\n1\n');
});
const write = (name: string, content: string): Promise<void> => writeFile(path.join(folder, name), content);

test('what the command left is digested, and metrics that are no numbers are named', async () => {
  const made = await collect(outputs);
  expect(made).toMatchObject({
    model: { bytes: 7, files: [{ path: 'model', sha256: sha256('weights') }] },
    metrics: { auc: 0.75 },
    predictionsDigest: sha256('id,prediction\n1,0\n'),
    others: [{ kind: 'folder', files: [{ path: 'test.csv', sha256: sha256('id\n1\n') }] }],
  });
  expect(made.notNumeric.map(({ metric }) => metric).sort()).toEqual(['loss', 'note']);
});

test('what is not configured is not looked for', async () => {
  const made = await collect({ model: outputs.model, others: [] });
  expect(made).not.toHaveProperty('metricsDigest');
  expect(made).not.toHaveProperty('predictionsDigest');
  expect(made.metrics).toEqual({});
});

describe('is a failure that says what to do', () => {
  const gone = (kind: 'model' | 'metrics'): void => {
    outputs = { ...outputs, [kind]: { ...outputs[kind], absolute: path.join(folder, 'gone') } };
  };

  test.each<[string, () => void | Promise<void>, string, RegExp]>([
    ['no model', () => gone('model'), 'no-model', /'model', but the command left nothing there/],
    ['a model of zero bytes', () => write('model', ''), 'no-model', /has zero bytes/],
    [
      'a folder without files',
      async () => {
        gone('model');
        await mkdir(outputs.model.absolute);
      },
      'no-model',
      /cannot be used/,
    ],
    [
      'a model that is a link',
      async () => {
        gone('model');
        await symlink('/etc/hostname', outputs.model.absolute);
      },
      'no-model',
      /cannot be used/,
    ],
    [
      'no other output',
      () => rm(path.join(folder, 'split'), { recursive: true }),
      'no-outputs',
      /train\.outputs has 'split', but the command left nothing there/,
    ],
    [
      'a link in another output',
      () => symlink('/etc/hostname', path.join(folder, 'split', 'link')),
      'no-outputs',
      /'split' cannot be used: .* is a symbolic link/,
    ],
    ['no metrics', () => gone('metrics'), 'no-metrics', /leave train\.metrics out/],
    [
      'metrics without a number',
      () => write('metrics.json', '{"a": "x"}'),
      'no-metrics',
      /no metric that is/,
    ],
    ['metrics that are no JSON', () => write('metrics.json', 'auc 0.75'), 'no-metrics', /'metrics\.json'/],
    [
      'empty predictions',
      () => write('predictions.csv', ''),
      'no-predictions',
      /leave gate\.predictions out/,
    ],
  ])('%s', async (_, harm, reasonCode, message) => {
    await harm();
    await expect(collect(outputs)).rejects.toMatchObject({
      decision: 'fail',
      reasonCode,
      message: expect.stringMatching(message),
    });
  });
});

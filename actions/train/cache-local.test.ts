import { beforeEach, describe, expect, test } from '@jest/globals';
import { mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { sha256 } from '@sluice/core/digest/files.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { KEPT_ENTRIES, LocalCache, localCacheRoot } from './cache-local.ts';
import { placeEntry, readEntry, type Manifest } from './entry.ts';
import type { Outputs } from './inputs.ts';

const ORIGIN = { startedOn: '', finishedOn: '', seconds: 1, dirty: false };

let root: string;
let outputs: Outputs;
beforeEach(async () => {
  root = await temporaryFolder('train-cache');
  outputs = await made('weights');
});

/** What a command left: a folder as the model, and a file of metrics. */
async function made(weights: string): Promise<Outputs> {
  const folder = await temporaryFolder('train-outputs');
  const output = (name: string, what: string): Outputs['model'] => ({
    absolute: path.join(folder, name),
    name,
    what,
  });
  const model = output('model', 'train.model-path');
  const metrics = output('metrics.json', 'train.metrics');
  await mkdir(model.absolute);
  await writeFile(path.join(model.absolute, 'weights'), weights);
  await writeFile(metrics.absolute, '{"auc":0.75}');
  const other = output('model.onnx', 'train.outputs');
  await writeFile(other.absolute, 'exported');
  return { model, metrics, others: [other] };
}

async function manifestOf(key: string, more: Partial<Manifest> = {}): Promise<Manifest> {
  return {
    version: 2,
    key: sha256(key),
    parts: { data: key },
    model: (await digestModel(outputs.model.absolute)).sha256,
    metrics: sha256('{"auc":0.75}'),
    others: [(await digestModel(outputs.others[0]?.absolute ?? '')).sha256],
    origin: ORIGIN,
    ...more,
  };
}

async function save(cache: LocalCache, key: string): Promise<string> {
  await cache.save(outputs, await manifestOf(key));
  return (await cache.find(sha256(key))) ?? '';
}

describe('the cache on this machine', () => {
  test('gives back what was saved under a key, and nothing under another', async () => {
    const cache = new LocalCache(root, 'm');
    expect(await cache.newestParts()).toBeUndefined();
    const entry = await save(cache, 'one');
    expect(await readEntry(entry, sha256('one'), outputs)).toEqual(await manifestOf('one'));
    expect(await cache.newestParts()).toEqual({ data: 'one' });
    expect(await cache.find(sha256('two'))).toBeUndefined();
    expect(await new LocalCache(root, 'other').find(sha256('one'))).toBeUndefined();
    const elsewhere = await made('older weights');
    await placeEntry(entry, elsewhere, path.dirname(elsewhere.model.absolute));
    expect(await readFile(path.join(elsewhere.model.absolute, 'weights'), 'utf8')).toBe('weights');
    expect(await readFile(elsewhere.others[0]?.absolute ?? '', 'utf8')).toBe('exported');
  });

  test('keeps a model that is one file under its name, which is part of what it is', async () => {
    const cache = new LocalCache(root, 'm');
    const [model] = outputs.others;
    outputs = { model: model as Outputs['model'], others: [] };
    const manifest: Manifest = {
      version: 2,
      key: sha256('file'),
      parts: {},
      model: (await digestModel(outputs.model.absolute)).sha256,
      others: [],
      origin: ORIGIN,
    };
    await cache.save(outputs, manifest);
    const entry = (await cache.find(sha256('file'))) ?? '';
    expect(await readEntry(entry, sha256('file'), outputs)).toMatchObject({ model: manifest.model });
  });

  test('replaces an entry that was there', async () => {
    const cache = new LocalCache(root, 'm');
    await save(cache, 'one');
    outputs = await made('new weights');
    const entry = await save(cache, 'one');
    expect(await readFile(path.join(entry, 'model', 'model', 'weights'), 'utf8')).toBe('new weights');
  });

  test(`keeps the ${KEPT_ENTRIES} newest entries of a model and nothing half written`, async () => {
    const cache = new LocalCache(root, 'm');
    for (let n = 0; n < KEPT_ENTRIES + 2; n++) {
      const entry = await save(cache, `${n}`);
      // In the past, so that the order is certain and the entry that is being saved is the newest.
      await utimes(entry, n, n);
    }
    const left = await readdir(path.join(root, 'm'));
    expect(left.sort()).toEqual([2, 3, 4, 5, 6].map((n) => sha256(`${n}`)).sort());
  });
});

describe('an entry cannot be used', () => {
  test.each<[string, (entry: string) => Promise<void>, RegExp]>([
    [
      'whose model is another',
      (entry) => writeFile(path.join(entry, 'model', 'model', 'weights'), 'x'),
      /its model has/,
    ],
    [
      'with another file in its model',
      (entry) => writeFile(path.join(entry, 'model', 'model', 'x'), ''),
      /its model has/,
    ],
    [
      'whose metrics are others',
      (entry) => writeFile(path.join(entry, 'metrics', 'metrics.json'), '{}'),
      /its metrics has/,
    ],
    [
      'whose other output is another',
      (entry) => writeFile(path.join(entry, 'others-0', 'model.onnx'), 'x'),
      /its model\.onnx has/,
    ],
    [
      'without a manifest that is one',
      (entry) => writeFile(path.join(entry, 'manifest.json'), '{}'),
      /version/,
    ],
  ])('%s', async (_, harm, problem) => {
    const entry = await save(new LocalCache(root, 'm'), 'one');
    await harm(entry);
    expect(await readEntry(entry, sha256('one'), outputs)).toEqual({
      problem: expect.stringMatching(problem),
    });
  });

  test('that belongs to other inputs', async () => {
    const entry = await save(new LocalCache(root, 'm'), 'one');
    expect(await readEntry(entry, sha256('two'), outputs)).toEqual({
      problem: `it belongs to the inputs ${sha256('one')}`,
    });
  });
});

test('the cache lies where the team says, else in the cache of a person, and on a runner nowhere', () => {
  const env = { SLUICE_TRAIN_CACHE: '/named', XDG_CACHE_HOME: '/home/me/.cache', GITHUB_REPOSITORY: 'a/b' };
  const folderOf = (given: NodeJS.ProcessEnv): string => path.dirname(localCacheRoot(given) ?? '');
  expect(folderOf(env)).toBe('/named/sluice/train');
  expect(folderOf({ ...env, GITHUB_ACTIONS: 'true' })).toBe('/named/sluice/train');
  expect(folderOf({ ...env, SLUICE_TRAIN_CACHE: '' })).toBe('/home/me/.cache/sluice/train');
  const runner = { GITHUB_ACTIONS: 'true', RUNNER_TOOL_CACHE: '/tools', XDG_CACHE_HOME: '/home/me/.cache' };
  expect(localCacheRoot(runner)).toBeUndefined();
  expect(localCacheRoot({ ...env, GITHUB_REPOSITORY: 'a/c' })).not.toBe(localCacheRoot(env));
});

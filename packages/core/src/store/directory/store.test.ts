import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { silentLog } from '@sluice/testing/log.ts';
import { sha256 } from '../../digest/files.ts';
import { digestModel } from '../../digest/model.ts';
import { directoryStore } from './store.ts';

const NONE = new Map<string, never>();

let root: string;
let folder: string;
let single: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sluice-store-'));
  folder = path.join(root, 'out/model');
  single = path.join(root, 'out/one.bin');
  await mkdir(path.join(folder, 'deep'), { recursive: true });
  await writeFile(path.join(folder, 'weights'), 'w'.repeat(5000));
  await writeFile(path.join(folder, 'deep/info.json'), '{}');
  await writeFile(path.join(folder, '.gitignore'), 'not covered by the digest');
  await writeFile(single, 'bytes');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const open = (signal?: AbortSignal) => directoryStore(path.join(root, 'store'), { log: silentLog, signal });
const digestOf = async (model: string): Promise<string> => (await digestModel(model)).sha256;
const entryOf = (digest: string): string => path.join(root, 'store/m/sha256', digest);

describe('the directory store', () => {
  test('gives back what was put, verified', async () => {
    const store = open();
    expect(store.uri).toBe(`dir:${path.join(root, 'store')}`);
    const digest = await digestOf(folder);
    expect(await store.has('m', digest)).toBe(false);
    const put = await store.put('m', digest, folder, new Map([['metrics.json', { text: '{"auc":1}' }]]));
    expect(put).toEqual({ uri: `dir:${entryOf(digest)}`, created: true });
    expect(await store.has('m', digest)).toBe(true);
    const { modelPath } = await store.fetch('m', digest, path.join(root, 'fetched'));
    expect(modelPath).toBe(path.join(root, 'fetched/model'));
    expect((await readdir(modelPath)).sort()).toEqual(['deep', 'weights']);
    expect(await digestOf(modelPath)).toBe(digest);
    expect(await store.unnamed('m', digest)).toEqual([]);
    const id = { name: 'metrics.json', sha256: sha256('{"auc":1}') };
    const metrics = await store.companion('m', digest, id);
    expect(await readFile(metrics ?? '', 'utf8')).toBe('{"auc":1}');
    expect(await store.companion('m', digest, { ...id, name: 'gate.json' })).toBeUndefined();
  });

  test('gives nothing beside a model that is longer than such a file may be', async () => {
    const digest = await digestOf(folder);
    await open().put('m', digest, folder, NONE);
    await writeFile(path.join(entryOf(digest), 'passport.jsonl'), '');
    await truncate(path.join(entryOf(digest), 'passport.jsonl'), 2 ** 26 + 1);
    await expect(open().companion('m', digest, { name: 'passport.jsonl' })).rejects.toMatchObject({
      reasonCode: 'evidence-mismatch',
      message: expect.stringContaining('it has 67108865 bytes, and passport.jsonl has 67108864 at most'),
    });
  });

  test('gives what an earlier release kept by its name alone, where nothing has the digest', async () => {
    const digest = await digestOf(folder);
    await open().put('m', digest, folder, NONE);
    await writeFile(path.join(entryOf(digest), 'metrics.json'), 'then');
    expect(await open().unnamed('m', digest)).toEqual(['metrics.json']);
    const then = { name: 'metrics.json', sha256: sha256('then') };
    for (const wanted of [then, { name: 'metrics.json' }])
      expect(await readFile((await open().companion('m', digest, wanted)) ?? '', 'utf8')).toBe('then');
    await open().put('m', digest, folder, new Map([['metrics.json', { text: 'now' }]]));
    const now = await open().companion('m', digest, { name: 'metrics.json', sha256: sha256('now') });
    expect(await readFile(now ?? '', 'utf8')).toBe('now');
    expect(await readFile((await open().companion('m', digest, then)) ?? '', 'utf8')).toBe('then');
  });

  test('remembers whether the model was a file or a folder with one file', async () => {
    const lonely = path.join(root, 'lonely');
    await mkdir(lonely);
    await writeFile(path.join(lonely, 'one.bin'), 'bytes');
    const [ofFile, ofFolder] = [await digestOf(single), await digestOf(lonely)];
    await open().put('file', ofFile, single, NONE);
    await open().put('folder', ofFolder, lonely, NONE);
    const file = await open().fetch('file', ofFile, path.join(root, 'a'));
    const dir = await open().fetch('folder', ofFolder, path.join(root, 'b'));
    expect([file.modelPath, dir.modelPath]).toEqual([
      path.join(root, 'a/model/one.bin'),
      path.join(root, 'b/model'),
    ]);
  });

  test('never overwrites, also when many put the same bytes at once', async () => {
    const digest = await digestOf(folder);
    const puts = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        open().put('m', digest, folder, new Map([['metrics.json', { text: `{"run":${i}}` }]])),
      ),
    );
    expect(puts.filter((p) => p.created)).toHaveLength(1);
    const kept = await readdir(path.join(entryOf(digest), 'companions'));
    expect(kept.sort()).toEqual(puts.map((_, run) => sha256(`{"run":${run}}`)).sort());
    expect(await readdir(path.dirname(entryOf(digest)))).toEqual([digest]);
  });

  test.each([
    ['changed', 'weights', (file: string) => writeFile(file, 'other')],
    ['missing', 'weights', (file: string) => unlink(file)],
    ['added', 'zzz', (file: string) => writeFile(file, 'extra')],
    [
      'turned into a link',
      'weights',
      (file: string) => unlink(file).then(() => symlink('/etc/hostname', file)),
    ],
  ])('refuses stored bytes of which a file was %s, and names it', async (_what, name, change) => {
    const digest = await digestOf(folder);
    await open().put('m', digest, folder, NONE);
    const file = path.join(entryOf(digest), 'model', name);
    await change(file);
    const refusal = {
      reasonCode: 'evidence-mismatch',
      decision: 'fail',
      message: expect.stringContaining(file),
    };
    await expect(open().fetch('m', digest, path.join(root, 'x'))).rejects.toMatchObject(refusal);
    await expect(open().has('m', digest)).rejects.toMatchObject(refusal);
    await expect(readdir(path.join(root, 'x/model'))).rejects.toThrow('ENOENT');
  });

  test('says that a model is not there', async () => {
    await expect(open().fetch('m', 'a'.repeat(64), root)).rejects.toMatchObject({
      reasonCode: 'missing-file',
      message: expect.stringContaining(entryOf('a'.repeat(64))),
    });
  });

  test('refuses a model that is not what its digest says, and leaves nothing', async () => {
    await expect(open().put('m', 'a'.repeat(64), folder, NONE)).rejects.toMatchObject({
      reasonCode: 'evidence-mismatch',
    });
    expect(await readdir(path.dirname(entryOf('x')))).toEqual([]);
  });

  test('leaves nothing half-written when a companion cannot be read or the job is cancelled', async () => {
    const digest = await digestOf(folder);
    const missing = new Map([['predictions.csv', { path: path.join(root, 'nowhere.csv') }]]);
    await expect(open().put('m', digest, folder, missing)).rejects.toThrow('ENOENT');
    expect(await readdir(path.dirname(entryOf(digest)))).toEqual([]);
    await expect(open(AbortSignal.abort(new Error('stop'))).put('m', digest, folder, NONE)).rejects.toThrow(
      'stop',
    );
    expect(await readdir(path.dirname(entryOf(digest)))).toEqual([]);
  });

  test('says what to do about a folder it may not write and a path that is a file', async () => {
    const digest = await digestOf(folder);
    const elsewhere = directoryStore(single, { log: silentLog });
    await expect(elsewhere.put('m', digest, folder, NONE)).rejects.toMatchObject({
      reasonCode: 'service-unavailable',
      message: expect.stringContaining(single),
    });
    const readOnly = directoryStore('/sys/store', { log: silentLog });
    await expect(readOnly.put('m', digest, folder, NONE)).rejects.toMatchObject({
      reasonCode: 'no-permission',
      message: expect.stringContaining('/sys/store'),
    });
  });
});

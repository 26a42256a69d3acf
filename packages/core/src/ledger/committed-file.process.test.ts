import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';
import { checkOutCommit } from './check-out.ts';
import { committedFile } from './committed-file.ts';
import { findRemote } from './remote.ts';

jest.setTimeout(60_000);

const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 1\n';
let repository: TestRepository;
let [from, to] = ['', ''];

beforeEach(async () => {
  repository = await createRepository({
    'ml/m.json': '{"auc": 0.8}',
    'ml/dvc.lock': 'stages:\n  a:\n    outs:\n    - path: out/n.json\n      md5: ab\n',
    'big.csv': POINTER,
    '.gitattributes': '*.csv filter=lfs\nml/*.json filter=evil\n',
    'test.csv': 'a',
  });
  from = await repository.git('rev-parse', 'HEAD');
  await repository.write({ 'ml/m.json': '{"auc": 0.9}', 'test.csv': 'b', 'new.json': '{}' });
  to = await repository.commit('Change');
});
afterEach(() => repository.remove());

const clones = [
  ['a whole clone', []],
  ['one without history', ['--depth=1']],
  ['one without files', ['--filter=blob:none']],
  ['one without files or history', ['--filter=blob:none', '--depth=1']],
  ['one without folders', ['--filter=tree:0']],
] as const;

test.each(clones)('a file is what the older commit has, in %s', async (_, args) => {
  const access = await findRemote({ directory: await repository.clone(...args) });
  const copy = path.join(repository.root, 'copy');
  const ask = (file: string, isWatched = (name: string): boolean => name === 'test.csv') =>
    committedFile(access, { from, to, file, copy, most: 200, isWatched });
  expect(await ask('ml/m.json')).toEqual({ kind: 'saved', changed: ['test.csv'] });
  expect(await readFile(copy, 'utf8')).toBe('{"auc": 0.8}');
  expect(await ask('new.json')).toEqual({ kind: 'absent', isInNewer: true });
  expect(await ask('ml/out/n.json')).toEqual({ kind: 'absent', isInNewer: false, keeper: 'ml/dvc.lock' });
});

test('what git has none of is told apart, and what is too long is refused', async () => {
  const access = await findRemote({ directory: repository.workspace });
  const ask = (file: string, most = 200) =>
    committedFile(access, {
      from,
      to,
      file,
      copy: path.join(repository.root, file),
      most,
      isWatched: (name) => name === 'elsewhere',
    });
  expect(await ask('test.csv')).toEqual({ kind: 'saved', changed: undefined });
  expect(await ask('big.csv')).toEqual({ kind: 'pointer' });
  await expect(ask('.gitattributes', 3)).rejects.toThrow(/\.gitattributes at .* and at most 3 are read/);
});

test.each(clones)('all files of the older commit are written, in %s, and no filter runs', async (_, args) => {
  const clone = await repository.clone(...args);
  const ran = path.join(repository.root, 'ran');
  for (const filter of ['evil', 'lfs']) {
    await repository.git('-C', clone, 'config', `filter.${filter}.smudge`, `touch ${ran}; cat`);
    await repository.git('-C', clone, 'config', `filter.${filter}.required`, 'true');
  }
  const folder = path.join(repository.root, 'out');
  await mkdir(folder);
  expect(await checkOutCommit(await findRemote({ directory: clone }), from, folder)).toBeUndefined();
  expect((await readdir(folder)).sort()).toEqual(['.gitattributes', 'big.csv', 'ml', 'test.csv']);
  expect(await readFile(path.join(folder, 'ml/m.json'), 'utf8')).toBe('{"auc": 0.8}');
  expect(await readFile(path.join(folder, 'big.csv'), 'utf8')).toBe(POINTER);
  await expect(readFile(ran)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a commit that nobody has is said to be', async () => {
  const access = await findRemote({ directory: repository.workspace });
  const folder = path.join(repository.root, 'out');
  await mkdir(folder);
  expect(await checkOutCommit(access, 'f'.repeat(40), folder)).toEqual({ why: expect.stringMatching(/./) });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { putInPlace } from './place.ts';

let root: string;
let outside: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sluice-place-'));
  outside = await mkdtemp(path.join(os.tmpdir(), 'sluice-outside-'));
  await symlink(outside, path.join(root, 'link'));
});
afterAll(() => Promise.all([root, outside].map((folder) => rm(folder, { recursive: true }))));

test('a file comes to its place whole, with its folders', async () => {
  const file = path.join(root, 'new/deep/file');
  await putInPlace(root, file, (temporary) => writeFile(temporary, 'bytes'));
  expect(await readFile(file, 'utf8')).toBe('bytes');
  expect(await readdir(path.dirname(file))).toEqual(['file']);
});

test('what fails halfway leaves nothing', async () => {
  await mkdir(path.join(root, 'half'));
  const half = putInPlace(root, path.join(root, 'half/file'), async (temporary) => {
    await writeFile(temporary, 'by');
    throw new Error('died');
  });
  await expect(half).rejects.toThrow('died');
  expect(await readdir(path.join(root, 'half'))).toEqual([]);
});

test.each(['link/file', 'link/new/file', '../sluice-up/file'])(
  '%s, outside of the project, is refused',
  async (name) => {
    const refused = putInPlace(root, path.join(root, name), (temporary) => writeFile(temporary, 'bytes'));
    await expect(refused).rejects.toThrow('lies outside of the project');
    expect(await readdir(outside)).toEqual([]);
  },
);

import { describe, expect, it } from '@jest/globals';
import { chmod, mkdir, readFile, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { sha256 } from '../digest/files.ts';
import { ByteCache, removeOthers } from './cache.ts';

async function filled(...texts: string[]): Promise<{ cache: ByteCache; folder: string; root: string }> {
  const root = await temporaryFolder('bytes');
  const folder = path.join(root, 'cache');
  const cache = new ByteCache(root, folder);
  for (const text of texts) {
    const file = await cache.newFile();
    await writeFile(file, text);
    await cache.add(file, sha256(text));
  }
  return { cache, folder, root };
}

const wanted = (text: string): { sha256: string; bytes: number } => ({
  sha256: sha256(text),
  bytes: text.length,
});

describe('the cache of bytes', () => {
  it('has what was added, and nothing whose bytes are others', async () => {
    const { cache, folder } = await filled('one');
    await writeFile(path.join(folder, sha256('two')), 'TWO');
    await symlink(path.join(folder, sha256('one')), path.join(folder, sha256('three')));
    await mkdir(path.join(folder, sha256('four')));
    const present = await cache.present(['one', 'two', 'three', 'four', 'five'].map(wanted));
    expect([...present]).toEqual([sha256('one')]);
    expect(await readdir(folder)).toEqual([sha256('one')]);
  });

  it('places bytes under a name without a second copy, and replaces what is there', async () => {
    const { cache, folder, root } = await filled('one');
    const data = path.join(root, 'data');
    await mkdir(path.join(data, 'b'), { recursive: true });
    await writeFile(path.join(data, 'b/k'), 'old');
    for (let again = 0; again < 2; again++) await cache.place(sha256('one'), data, 'b/k');
    expect(await readFile(path.join(data, 'b/k'), 'utf8')).toBe('one');
    const [from, to] = await Promise.all([
      stat(path.join(folder, sha256('one'))),
      stat(path.join(data, 'b/k')),
    ]);
    expect(to.ino).toBe(from.ino);
    expect(await readdir(data)).toEqual(['b']);
  });

  it('notices a placed file that somebody wrote into', async () => {
    const { cache, root } = await filled('one');
    await cache.place(sha256('one'), path.join(root, 'data'), 'b/k');
    await chmod(path.join(root, 'data/b/k'), 0o644);
    await writeFile(path.join(root, 'data/b/k'), 'eno');
    expect([...(await cache.present([wanted('one')]))]).toEqual([]);
  });

  it('keeps only what is asked for, and nothing half written', async () => {
    const { cache, folder } = await filled('one', 'two');
    await writeFile(await cache.newFile(), 'half');
    await cache.keepOnly(new Set([sha256('two')]));
    expect(await readdir(folder)).toEqual([sha256('two')]);
  });
});

it('what this run does not read is removed, links too, and what they lead to stays', async () => {
  const root = await temporaryFolder('others');
  const [data, elsewhere] = [path.join(root, 'data'), path.join(root, 'elsewhere')];
  await mkdir(path.join(data, 'b/old/deep'), { recursive: true });
  await mkdir(elsewhere);
  await writeFile(path.join(elsewhere, 'precious'), 'x');
  for (const name of ['b/keep', 'b/gone', 'b/old/deep/gone']) await writeFile(path.join(data, name), 'x');
  await symlink(elsewhere, path.join(data, 'bucket'));
  await symlink(path.join(elsewhere, 'precious'), path.join(data, 'b/link'));
  await removeOthers(data, new Set(['b/keep', 'b/link', 'bucket/precious']));
  expect(await readdir(data, { recursive: true })).toEqual(['b', 'b/keep']);
  expect(await readdir(elsewhere)).toEqual(['precious']);
});

import { beforeEach, describe, expect, test } from '@jest/globals';
import { lstat, mkdir, readFile, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { isUserError } from './errors.ts';
import { makeFolderBelow, moveBelow, readBelow, refuseLinks, removeBelow, writeBelow } from './below.ts';

let root: string;
let elsewhere: string;
beforeEach(async () => {
  root = await temporaryFolder('below');
  elsewhere = await temporaryFolder('elsewhere');
  await mkdir(path.join(elsewhere, 'gate'));
  await writeFile(path.join(elsewhere, 'gate', 'file'), 'precious');
  await writeFile(path.join(elsewhere, 'file'), 'precious');
});

const at = (name: string): string => path.join(root, name);
const untouched = async (): Promise<void> => {
  expect((await readdir(elsewhere, { recursive: true })).sort()).toEqual(['file', 'gate', 'gate/file']);
  expect(await readFile(path.join(elsewhere, 'file'), 'utf8')).toBe('precious');
  expect(await readFile(path.join(elsewhere, 'gate', 'file'), 'utf8')).toBe('precious');
};

describe('without links', () => {
  test('files are written with their folders, read back, replaced, moved and removed', async () => {
    expect(await readBelow(root, at('a/b/file'))).toBeUndefined();
    await writeBelow(root, at('a/b/file'), 'one');
    await writeBelow(root, at('a/b/file'), 'two');
    expect(String(await readBelow(root, at('a/b/file')))).toBe('two');
    expect(await readdir(at('a/b'))).toEqual(['file']);
    expect(await moveBelow(root, at('a/b'), at('a/c'))).toBe(true);
    expect(await moveBelow(root, at('a/b'), at('a/d'))).toBe(false);
    expect(await readdir(at('a'))).toEqual(['c']);
    for (let again = 0; again < 2; again++) await removeBelow(root, at('a'));
    expect(await readdir(root)).toEqual([]);
  });

  test('a file where a folder is needed is named, and so is a folder that should be read', async () => {
    await writeFile(at('.sluice'), 'x');
    const refused = expect.objectContaining({
      reasonCode: 'bad-input',
      message: expect.stringContaining('.sluice'),
    });
    await expect(writeBelow(root, at('.sluice/gate/x'), 'x')).rejects.toEqual(refused);
    await expect(makeFolderBelow(root, at('.sluice'))).rejects.toEqual(refused);
    await expect(readBelow(root, root)).rejects.toMatchObject({ reasonCode: 'bad-input' });
  });

  test('a root that is reached through a link is trusted', async () => {
    await symlink(root, path.join(elsewhere, 'link'));
    const linked = path.join(elsewhere, 'link');
    await writeBelow(linked, path.join(linked, 'a/file'), 'x');
    expect(await readFile(at('a/file'), 'utf8')).toBe('x');
  });

  test('what is not below the root is a fault of the caller', async () => {
    await expect(removeBelow(root, path.join(elsewhere, 'file'))).rejects.toThrow(RangeError);
    await untouched();
  });
});

/** A link at the first, the middle and the last part of the path, to a folder and to a file elsewhere. */
const LINKS = ['.sluice', '.sluice/gate', '.sluice/gate/file'];

describe.each(LINKS)('a link at %s', (link) => {
  const file = '.sluice/gate/file';
  beforeEach(async () => {
    await mkdir(path.dirname(at(link)), { recursive: true });
    const target = path.join(
      elsewhere,
      path.relative(link, file) === '' ? 'file' : path.relative('.sluice', link),
    );
    await symlink(target, at(link));
  });

  test('is refused with its name before anything is read or written', async () => {
    const refused = expect.objectContaining({
      reasonCode: 'bad-input',
      message: expect.stringContaining(`'${link}' in ${root} is a symbolic link`),
    });
    await expect(refuseLinks(root, at(file))).rejects.toEqual(refused);
    await expect(readBelow(root, at(file))).rejects.toEqual(refused);
    await expect(writeBelow(root, at(file), 'changed')).rejects.toEqual(refused);
    await expect(makeFolderBelow(root, at(`${link}/new`))).rejects.toEqual(refused);
    await untouched();
  });

  test('is never followed by what removes or moves: the link itself goes, or nothing does', async () => {
    await writeFile(at('other'), 'x');
    const ends = await Promise.allSettled([
      removeBelow(root, at(file)),
      moveBelow(root, at(file), at('moved')),
      moveBelow(root, at('other'), at(file)),
    ]);
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    expect(refused.filter((error) => !isUserError(error) || error.reasonCode !== 'bad-input')).toEqual([]);
    await untouched();
    await removeBelow(root, at(link));
    await expect(lstat(at(link))).rejects.toMatchObject({ code: 'ENOENT' });
    await untouched();
  });
});

test('a moved link stays a link', async () => {
  await symlink(elsewhere, at('link'));
  await moveBelow(root, at('link'), at('moved'));
  expect(await readlink(at('moved'))).toBe(elsewhere);
  await untouched();
});

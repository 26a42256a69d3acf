import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendFile, lstat, mkdtemp, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { areRecorded, lookAtFiles, recordFiles } from './file-record.ts';

let root: string;
let folder: string;
let file: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sluice-record-'));
  folder = path.join(root, 'model');
  file = path.join(root, 'files.json');
  await mkdir(path.join(folder, 'sub'), { recursive: true });
  for (const name of ['weights.bin', 'sub/config.json']) await writeFile(path.join(folder, name), name);
});
afterEach(() => rm(root, { recursive: true }));

/** Records the files as they are, at a time when they have long been so. */
async function record(): Promise<void> {
  await recordFiles(file, folder, 'ab', await lookAtFiles(folder));
  const later = new Date(Date.now() + 10_000);
  await utimes(file, later, later);
}

describe('a record of files', () => {
  test('holds for its digest while nothing changes, also when the folder is moved', async () => {
    await record();
    expect(await areRecorded(file, folder, 'ab')).toBe(true);
    expect(await areRecorded(file, folder, 'cd')).toBe(false);
    await rename(folder, `${folder}-moved`);
    expect(await areRecorded(file, `${folder}-moved`, 'ab')).toBe(true);
    expect(await areRecorded(file, folder, 'ab')).toBe(false);
  });

  test.each<[string, () => Promise<void>]>([
    ['bytes of the same length, with the time of before', rewritten],
    ['more bytes', () => appendFile(path.join(folder, 'weights.bin'), 'x')],
    ['another file', () => writeFile(path.join(folder, 'more.txt'), '')],
    ['a file less', () => rm(path.join(folder, 'sub/config.json'))],
    ['a link', linked],
    ['no record', () => rm(file)],
    ['a record that nobody can read', () => writeFile(file, '{"files": 1}')],
  ])('does not hold with %s', async (_what, change) => {
    await record();
    await change();
    expect(await areRecorded(file, folder, 'ab')).toBe(false);
  });

  test('does not hold for files that changed in the moment in which they were recorded', async () => {
    await recordFiles(file, folder, 'ab', await lookAtFiles(folder));
    const { mtime } = await lstat(path.join(folder, 'weights.bin'));
    await utimes(file, mtime, mtime);
    expect(await areRecorded(file, folder, 'ab')).toBe(false);
  });

  test('is not made of files that changed while they were digested', async () => {
    const look = await lookAtFiles(folder);
    await appendFile(path.join(folder, 'weights.bin'), 'x');
    await recordFiles(file, folder, 'ab', look);
    await expect(lstat(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

async function rewritten(): Promise<void> {
  const name = path.join(folder, 'weights.bin');
  const { atime, mtime } = await lstat(name);
  await writeFile(name, 'WEIGHTS.BIN');
  await utimes(name, atime, mtime);
}

async function linked(): Promise<void> {
  await rm(path.join(folder, 'weights.bin'));
  await symlink('/etc/hostname', path.join(folder, 'weights.bin'));
}

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { sweepLeftovers, temporaryBeside } from './leftovers.ts';

const HOURS = 3600;
const digest = 'c'.repeat(64);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-leftovers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A folder as a put leaves it that was killed; everything in it was written `hours` ago, but one file `fileHours` ago. */
async function leftover(
  hours: number,
  fileHours = hours,
  name = path.basename(temporaryBeside(path.join(folder, digest))),
) {
  const root = path.join(folder, name);
  const deep = path.join(root, 'model/deep');
  const file = path.join(deep, 'weights');
  await mkdir(deep, { recursive: true });
  await writeFile(file, 'bytes');
  const ago = (h: number) => Date.now() / 1000 - h * HOURS;
  await utimes(file, ago(fileHours), ago(fileHours));
  for (const each of [deep, path.dirname(deep), root]) await utimes(each, ago(hours), ago(hours));
  return name;
}

describe('what a killed put left', () => {
  test('goes when nothing was written in it for a day', async () => {
    await leftover(25);
    await sweepLeftovers(folder);
    expect(await readdir(folder)).toEqual([]);
  });

  test('stays while somebody may be writing, be it into one file only', async () => {
    const names = [await leftover(23), await leftover(30, 1)];
    await sweepLeftovers(folder);
    expect((await readdir(folder)).sort()).toEqual(names.sort());
  });

  test('is told from entries and from what others keep there', async () => {
    const names = [digest, '.snapshot', `.${digest}`, `.${digest}.backup`, 'lost+found'];
    for (const name of names) await leftover(100, 100, name);
    await sweepLeftovers(folder);
    expect((await readdir(folder)).sort()).toEqual(names.sort());
  });

  test('goes also when a sweep was killed before', async () => {
    await leftover(0, 0, `.dead.${randomUUID()}`);
    await sweepLeftovers(folder);
    expect(await readdir(folder)).toEqual([]);
  });

  test('can be swept by several at once', async () => {
    for (let i = 0; i < 5; i++) await leftover(25);
    await Promise.all(Array.from({ length: 6 }, () => sweepLeftovers(folder)));
    expect(await readdir(folder)).toEqual([]);
  });

  test('cannot be put in place by a writer that lives after all', async () => {
    const name = await leftover(25);
    await sweepLeftovers(folder);
    await expect(rename(path.join(folder, name), path.join(folder, digest))).rejects.toThrow('ENOENT');
  });
});

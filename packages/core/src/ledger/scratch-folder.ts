import {
  access as checkAccess,
  constants,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { UserError, errorCode } from '../action/errors.ts';

/* The folder of a scratch repository. */

/** Runs `body` with an empty folder that goes afterwards. */
export async function within<T>(body: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(process.env['RUNNER_TEMP'] || os.tmpdir(), 'sluice-ledger-'));
  try {
    return await body(directory);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Moves loose objects and packs; a pack is found by its index, which therefore comes last. */
export async function moveObjects(from: string, to: string): Promise<void> {
  for (const folder of await readdir(from)) {
    if (folder === 'info') continue;
    await mkdir(path.join(to, folder), { recursive: true });
    const names = await readdir(path.join(from, folder));
    const isIndex = (name: string): boolean => name.endsWith('.idx');
    for (const name of [...names.filter((n) => !isIndex(n)), ...names.filter(isIndex)]) {
      await rename(path.join(from, folder, name), path.join(to, folder, name));
    }
  }
}

/**
 * An empty bare repository that borrows objects (https://git-scm.com/docs/gitrepository-layout). `git init` would take a
 * quarter of the time that reading a small ledger takes.
 */
export async function makeRepository(
  directory: string,
  objectFormat: string,
  borrowed: readonly string[],
): Promise<void> {
  const format =
    objectFormat === 'sha1'
      ? '\trepositoryformatversion = 0\n'
      : `\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = ${objectFormat}\n`;
  await Promise.all(
    ['objects/info', 'refs'].map((folder) => mkdir(path.join(directory, folder), { recursive: true })),
  );
  await Promise.all([
    writeFile(path.join(directory, 'HEAD'), 'ref: refs/heads/main\n'),
    writeFile(path.join(directory, 'config'), `[core]\n\tbare = true\n${format}`),
    writeFile(
      path.join(directory, 'objects/info/alternates'),
      borrowed.map((folder) => `${folder}\n`).join(''),
    ),
  ]);
}

/** Returns the folder; undefined where it cannot be written, as in a checkout of another user. */
export async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    await mkdir(path.join(folder, 'pack'), { recursive: true });
    await checkAccess(folder, constants.W_OK);
    return folder;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** The borrowed objects end where the checkout's history was cut off. */
export async function copyShallow(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') {
      throw new UserError('no-permission', `Cannot read ${from}.`, { cause: error });
    }
  }
}

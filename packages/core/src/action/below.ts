import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError, errorCode } from './errors.ts';
import { isInside, nameWithin } from './paths.ts';

/*
 * The one way to files of the checkout that steps themselves write, read back or delete. Whoever may open a pull request
 * may commit a link in their place, so no link below `root` is followed: each folder on the way is looked at, and the file
 * is opened such that a link in its place is an error. Paths are absolute; `root` and what lies above it are trusted.
 */

/** Throws `bad-input` when a folder between `root` and what lies at `absolute`, or that itself, is a symbolic link. */
export async function refuseLinks(root: string, absolute: string): Promise<void> {
  for (const step of stepsTo(root, absolute))
    if ((await look(step))?.isSymbolicLink() === true) throw linked(root, step);
}

/** Bytes of a plain file; undefined where nothing is. Throws `bad-input` for a link and for what is no file. */
export async function readBelow(root: string, file: string): Promise<Buffer | undefined> {
  await refuseLinks(root, file);
  const found = await look(file);
  if (found === undefined) return undefined;
  if (!found.isFile()) throw new UserError('bad-input', `'${file}' is no plain file. Move it away.`);
  const handle = await open(file, constants.O_RDONLY | NO_FOLLOW);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Writes a file whole or not at all, with the folders above it, in place of the one that is there. */
export async function writeBelow(root: string, file: string, content: string): Promise<void> {
  await makeFolderBelow(root, path.dirname(file));
  await refuseLinks(root, file);
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`);
  try {
    const handle = await open(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW);
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Adds to the end of a file, which is made where there is none, with the folders above it. */
export async function appendBelow(root: string, file: string, content: string): Promise<void> {
  await makeFolderBelow(root, path.dirname(file));
  await refuseLinks(root, file);
  const handle = await open(file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW);
  try {
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}

/** Makes a folder and those above it; one that is there stays as it is. */
export async function makeFolderBelow(root: string, folder: string): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const step of stepsTo(root, folder)) {
    await mkdir(step).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
    const found = await look(step);
    if (found?.isSymbolicLink() === true) throw linked(root, step);
    if (found?.isDirectory() !== true)
      throw new UserError('bad-input', `'${step}' is no folder, but one is needed there. Move it away.`);
  }
}

/** Removes a file, or a folder with all that is in it; of a link, the link alone. Nothing there is nothing to do. */
export async function removeBelow(root: string, absolute: string): Promise<void> {
  await refuseLinks(root, path.dirname(absolute));
  await rm(absolute, { recursive: true, force: true, maxRetries: 3 });
}

/** Moves what lies at `from`, in one step; of a link, the link alone. Returns false where nothing is. */
export async function moveBelow(root: string, from: string, to: string): Promise<boolean> {
  await refuseLinks(root, path.dirname(from));
  await refuseLinks(root, path.dirname(to));
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Windows has no such flag; there the look before is all there is. */
const NO_FOLLOW = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW;

/** Every path from what lies directly in `root` to `absolute`; none to `root` itself. */
function stepsTo(root: string, absolute: string): string[] {
  if (!isInside(absolute, root)) throw new RangeError(`'${absolute}' is not below '${root}'`);
  const names = path.relative(root, absolute).split(path.sep);
  return names[0] === '' ? [] : names.map((_, index) => path.join(root, ...names.slice(0, index + 1)));
}

async function look(absolute: string): Promise<Stats | undefined> {
  try {
    return await lstat(absolute);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

function linked(root: string, absolute: string): UserError {
  const name = nameWithin(root, absolute);
  return new UserError(
    'bad-input',
    `'${name}' in ${root} is a symbolic link, and nothing is read, written or deleted through one. Remove it ('git rm --cached ${name}' where it is committed), or put a plain file or folder in its place.`,
  );
}

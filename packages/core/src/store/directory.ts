import { randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { copyFile, lstat, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError, errorCode, errorMessage } from '../action/errors.ts';
import { digestModel } from '../digest/model.ts';
import type { Companion, Store } from './store.ts';

const MODEL = 'model';

/**
 * A store in a folder: `<root>/<model>/sha256/<hex>/model/…` with companions beside `model`. An entry is written to a
 * sibling, synced and renamed, so it is complete or absent, whoever else writes at the same time.
 */
export function directoryStore(root: string): Store {
  const uri = `dir:${root}`;
  const entryOf = (model: string, digest: string): string => path.join(root, model, 'sha256', digest);
  return {
    uri,
    has: (model, digest) => explained(root, () => holds(entryOf(model, digest), digest)),
    put: (model, digest, modelPath, companions) =>
      explained(root, () => put(entryOf(model, digest), digest, modelPath, companions)),
    fetch: (model, digest, destination) =>
      explained(root, () => fetchModel(entryOf(model, digest), digest, destination)),
    companion: (model, digest, name) =>
      explained(root, async () => {
        const file = path.join(entryOf(model, digest), companionName(name));
        return (await statOrUndefined(file)) === undefined ? undefined : file;
      }),
    companions: (model, digest) => explained(root, () => companionNames(entryOf(model, digest))),
  };
}

async function put(
  entry: string,
  digest: string,
  modelPath: string,
  companions: ReadonlyMap<string, Companion>,
): Promise<{ uri: string; created: boolean }> {
  const uri = `dir:${entry}`;
  if (await holds(entry, digest)) return { uri, created: false };
  await mkdir(path.dirname(entry), { recursive: true });
  const temporary = path.join(path.dirname(entry), `.${path.basename(entry)}.${randomUUID()}`);
  try {
    await copyModel(modelPath, path.join(temporary, MODEL));
    for (const [name, companion] of companions) {
      await writeCompanion(path.join(temporary, companionName(name)), companion);
    }
    await verify(path.join(temporary, MODEL), digest, 'The model changed while it was stored');
    await syncTree(temporary);
    const created = await renameUnlessThere(temporary, entry);
    await sync(path.dirname(entry));
    return { uri, created };
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Somebody else may have stored the same bytes meanwhile; theirs are as good. */
async function renameUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function fetchModel(
  entry: string,
  digest: string,
  destination: string,
): Promise<{ modelPath: string }> {
  const source = path.join(entry, MODEL);
  if ((await statOrUndefined(source)) === undefined) {
    throw new UserError(
      'missing-file',
      `The store has no model sha256:${digest}: ${source} does not exist. Was the store moved or cleaned? Restore it, or register the model again.`,
    );
  }
  const target = path.join(destination, MODEL);
  await copyModel(source, target);
  await verify(target, digest, `The store's copy ${source} was changed`);
  await syncTree(target);
  return { modelPath: await storedModelPath(target) };
}

async function holds(entry: string, digest: string): Promise<boolean> {
  const model = path.join(entry, MODEL);
  if ((await statOrUndefined(model)) === undefined) return false;
  await verify(model, digest, `The store's copy ${model} was changed`);
  return true;
}

/** A single-file model lies in its folder alone, so the folder's digest is the file's. */
async function storedModelPath(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  const [only] = entries;
  return entries.length === 1 && only?.isFile() === true ? path.join(folder, only.name) : folder;
}

async function verify(folder: string, digest: string, what: string): Promise<void> {
  const actual = (await digestModel(folder)).sha256;
  if (actual === digest) return;
  throw new UserError(
    'evidence-mismatch',
    `${what}: its digest is sha256:${actual}, but sha256:${digest} is expected. Do not use these bytes; restore the folder, or register the model again.`,
    { decision: 'fail' },
  );
}

async function copyModel(source: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  const info = await lstat(source);
  if (!info.isDirectory()) return copyPlain(source, path.join(target, path.basename(source)));
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [path.join(source, entry.name), path.join(target, entry.name)];
    if (entry.isDirectory()) await copyModel(from, to);
    else await copyPlain(from, to);
  }
}

async function copyPlain(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
}

async function writeCompanion(file: string, companion: Companion): Promise<void> {
  if ('text' in companion) await writeFile(file, companion.text, { flag: 'wx' });
  else await copyPlain(companion.path, file);
}

/** A companion lies directly in the entry and is not the model. */
function companionName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && name !== MODEL) return name;
  throw new Error(`'${name}' cannot be the name of a file beside a model`);
}

async function companionNames(entry: string): Promise<string[]> {
  if ((await statOrUndefined(entry)) === undefined) return [];
  return (await readdir(entry)).filter((name) => name !== MODEL).sort();
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const child = path.join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(child);
    else await sync(child);
  }
  await sync(folder);
}

async function sync(fileOrFolder: string): Promise<void> {
  const handle = await open(fileOrFolder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function statOrUndefined(file: string): Promise<Stats | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const NO_ACCESS = ['EACCES', 'EPERM', 'EROFS'];
const BROKEN = [
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'ENOTDIR',
  'EISDIR',
  'ENAMETOOLONG',
  'EMFILE',
  'ESTALE',
  'ETIMEDOUT',
];

/** Turns what the disk said into what to do about it. */
async function explained<T>(root: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    const code = errorCode(error) ?? '';
    if (NO_ACCESS.includes(code)) {
      throw new UserError(
        'no-permission',
        `The store dir:${root} cannot be used: ${errorMessage(error)}. Give the runner's user read and write access to that folder.`,
        { cause: error },
      );
    }
    if (BROKEN.includes(code)) {
      throw new UserError(
        'service-unavailable',
        `The store dir:${root} cannot be used: ${errorMessage(error)}. Check the disk, its free space and the path.`,
        { cause: error },
      );
    }
    throw error;
  }
}

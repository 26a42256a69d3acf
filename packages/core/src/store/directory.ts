import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as z from 'zod/mini';
import { UserError, errorCode, errorMessage, isAccessRefused } from '../action/errors.ts';
import { exists } from '../digest/exists.ts';
import { NotAPlainFileError, type FileDigest } from '../digest/files.ts';
import { EmptyModelError, digestModel, type ModelDigest } from '../digest/model.ts';
import type { Companion, Store } from './store.ts';

const MODEL = 'model';
const DESCRIPTION = 'entry.json';

const descriptionSchema = z.object({
  kind: z.enum(['file', 'folder']),
  files: z.array(z.object({ path: z.string(), bytes: z.number(), sha256: z.string() })),
});

/** What `entry.json` says about the model beside it: what it was, and which file to blame for a wrong digest. */
type Description = z.infer<typeof descriptionSchema>;

interface Place {
  /** Absolute path of the entry. */
  readonly entry: string;
  readonly digest: string;
  readonly signal: AbortSignal | undefined;
}
type Companions = ReadonlyMap<string, Companion>;
type PutResult = Awaited<ReturnType<Store['put']>>;

/**
 * A store in a folder: `<root>/<model>/sha256/<hex>/model/…` with companions beside `model`. An entry is written to a
 * sibling, synced and renamed, so it is complete or absent, whoever else writes at the same time.
 */
export function directoryStore(root: string, signal?: AbortSignal): Store {
  const at = (model: string, digest: string): Place => {
    if (!/^[0-9a-f]{64}$/.test(digest)) throw new RangeError(`'${digest}' is not a sha256 in hex`);
    return { entry: path.join(root, model, 'sha256', digest), digest, signal };
  };
  const explained = <T>(body: () => Promise<T>): Promise<T> => explain(root, body);
  return {
    uri: `dir:${root}`,
    has: (model, digest) => explained(async () => (await storedFiles(at(model, digest))) !== undefined),
    put: (model, digest, modelPath, companions) =>
      explained(() => put(at(model, digest), modelPath, companions)),
    fetch: (model, digest, destination) => explained(() => fetchModel(at(model, digest), destination)),
    companion: (model, digest, name) =>
      explained(async () => {
        const file = path.join(at(model, digest).entry, companionName(name));
        return (await exists(file)) ? file : undefined;
      }),
    companions: (model, digest) => explained(() => companionNames(at(model, digest).entry)),
  };
}

async function put(place: Place, modelPath: string, companions: Companions): Promise<PutResult> {
  const { entry, digest } = place;
  const uri = `dir:${entry}`;
  if ((await storedFiles(place)) !== undefined) return { uri, created: false };
  const source = await digestModel(modelPath);
  if (source.sha256 !== digest)
    throw changed(`The model ${modelPath} changed while it was stored`, digest, source.sha256);
  await mkdir(path.dirname(entry), { recursive: true });
  const temporary = path.join(path.dirname(entry), `.${digest}.${randomUUID()}`);
  try {
    const kind = (await lstat(modelPath)).isDirectory() ? 'folder' : 'file';
    const base = kind === 'folder' ? modelPath : path.dirname(modelPath);
    await copyFiles(base, path.join(temporary, MODEL), source.files, place.signal);
    await verify(path.join(temporary, MODEL), digest, source.files);
    const description: Description = { kind, files: [...source.files] };
    await writeFile(path.join(temporary, DESCRIPTION), `${JSON.stringify(description, null, 2)}\n`);
    for (const [name, companion] of companions) {
      await writeCompanion(path.join(temporary, companionName(name)), companion);
    }
    await syncTree(temporary);
    place.signal?.throwIfAborted();
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

async function fetchModel(place: Place, destination: string): Promise<{ modelPath: string }> {
  const source = path.join(place.entry, MODEL);
  const files = await storedFiles(place);
  if (files === undefined) {
    throw new UserError(
      'missing-file',
      `The store has no model sha256:${place.digest}: ${source} does not exist. Was the store moved or cleaned? Restore it, or register the model again.`,
    );
  }
  const { kind } = await readDescription(place.entry);
  const target = path.join(destination, MODEL);
  await copyFiles(source, target, files, place.signal);
  await verify(target, place.digest, files);
  await syncTree(target);
  return { modelPath: kind === 'file' ? path.join(target, files[0]?.path ?? '') : target };
}

/** The files of an entry, undefined when it is absent; throws when they are not those it was stored with. */
async function storedFiles({ entry, digest }: Place): Promise<readonly FileDigest[] | undefined> {
  if (!(await exists(entry))) return undefined;
  return verify(path.join(entry, MODEL), digest, (await readDescription(entry)).files);
}

async function readDescription(entry: string): Promise<Description> {
  const file = path.join(entry, DESCRIPTION);
  try {
    return z.parse(descriptionSchema, JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    throw new UserError(
      'evidence-mismatch',
      `The store's entry ${entry} is damaged: ${file} cannot be read (${errorMessage(error)}). Restore the folder from a backup, or remove it and register the model again.`,
      { cause: error, decision: 'fail' },
    );
  }
}

/** The files of a stored model; throws when they do not have the digest, naming the one that differs from `files`. */
async function verify(
  folder: string,
  digest: string,
  files: readonly FileDigest[],
): Promise<readonly FileDigest[]> {
  const actual = await digestStored(folder);
  if (actual.sha256 === digest) return actual.files;
  const found = new Map(actual.files.map((f) => [f.path, f.sha256]));
  const different = files.find((f) => found.get(f.path) !== f.sha256)?.path;
  const extra = actual.files.find((f) => !files.some((known) => known.path === f.path))?.path;
  throw changed(
    `The stored file ${path.join(folder, different ?? extra ?? '')} was changed`,
    digest,
    actual.sha256,
  );
}

async function digestStored(folder: string): Promise<Pick<ModelDigest, 'sha256' | 'files'>> {
  try {
    return await digestModel(folder);
  } catch (error) {
    const damaged = error instanceof NotAPlainFileError || error instanceof EmptyModelError;
    if (damaged || errorCode(error) === 'ENOENT')
      return { sha256: `none (${errorMessage(error)})`, files: [] };
    throw error;
  }
}

function changed(what: string, expected: string, actual: string): UserError {
  return new UserError(
    'evidence-mismatch',
    `${what}: the model's digest is sha256:${actual}, but sha256:${expected} is expected. Do not use these bytes; restore them from a backup, or train and register the model again.`,
    { decision: 'fail' },
  );
}

/** Copies exactly the files that the digest covers. */
async function copyFiles(
  from: string,
  to: string,
  files: readonly FileDigest[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const file of files) {
    signal?.throwIfAborted();
    const target = path.join(to, file.path);
    await mkdir(path.dirname(target), { recursive: true });
    await copyPlain(path.join(from, file.path), target);
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
  if (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && ![MODEL, DESCRIPTION].includes(name)) return name;
  throw new Error(`'${name}' cannot be the name of a file beside a model`);
}

async function companionNames(entry: string): Promise<string[]> {
  if (!(await exists(entry))) return [];
  return (await readdir(entry)).filter((name) => ![MODEL, DESCRIPTION].includes(name)).sort();
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
async function explain<T>(root: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (isAccessRefused(error)) {
      throw new UserError(
        'no-permission',
        `The store dir:${root} cannot be used: ${errorMessage(error)}. Give the runner's user read and write access to that folder.`,
        { cause: error },
      );
    }
    if (BROKEN.includes(errorCode(error) ?? '')) {
      throw new UserError(
        'service-unavailable',
        `The store dir:${root} cannot be used: ${errorMessage(error)}. Check the disk, its free space and the path.`,
        { cause: error },
      );
    }
    throw error;
  }
}

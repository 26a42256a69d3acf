import { lstat, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError, errorCode, errorMessage } from '../../action/errors.ts';
import { exists } from '../../digest/exists.ts';
import { sha256File, type FileDigest } from '../../digest/files.ts';
import { digestKept, keptPath, listModel, type ModelDigest, type ModelFiles } from '../../digest/model.ts';
import { UnusableModelError } from '../../digest/unusable.ts';
import { copyFiles, copyPlain, sync, syncFolders } from '../copy.ts';
import { identified, type Identified } from '../companions.ts';
import {
  COMPANIONS,
  DESCRIPTION,
  LARGEST_DESCRIPTION,
  MODEL,
  companionName,
  requireCompanionSize,
  damaged,
  formatDescription,
  modelDigestHex,
  parseDescription,
  requireDescribed,
  type Description,
} from '../description.ts';
import { explained } from './explain.ts';
import { sweepLeftovers, temporaryBeside } from './leftovers.ts';
import type { Companion, CompanionId, Store, StoreContext } from '../store.ts';

interface Place extends StoreContext {
  /** Absolute path of the entry. */
  readonly entry: string;
  readonly model: string;
  readonly digest: string;
}
type Companions = ReadonlyMap<string, Companion>;
type PutResult = Awaited<ReturnType<Store['put']>>;

/**
 * A store in a folder: `<root>/<model>/sha256/<hex>/model/…`, and `companions/<sha256>/<name>` beside `model`. An entry, and
 * later each companion, is written to a sibling, synced and renamed, so it is complete or absent, whoever else writes at
 * the same time.
 */
export function directoryStore(root: string, context: StoreContext): Store {
  const at = (model: string, digest: string): Place => ({
    ...context,
    entry: path.join(root, model, 'sha256', modelDigestHex(digest)),
    model,
    digest,
  });
  return {
    uri: `dir:${root}`,
    has: (model, digest) => explained(root, () => isStored(at(model, digest))),
    put: (model, digest, modelPath, companions) =>
      explained(root, () => put(at(model, digest), modelPath, companions)),
    fetch: (model, digest, destination) => explained(root, () => fetchModel(at(model, digest), destination)),
    companion: (model, digest, wanted) =>
      explained(root, () => findCompanion(at(model, digest).entry, wanted)),
    unnamed: (model, digest) => explained(root, () => unnamedIn(at(model, digest).entry)),
    unreachable: () => explained(root, () => absent(root)),
  };
}

/** The folder of a store is made by the first put, so one that is not there is on another machine, or gone. */
async function absent(root: string): Promise<string | undefined> {
  if (await exists(root)) return undefined;
  return `There is no folder ${root} on this runner. A store dir: is on one machine, or on a disk that several mount: let this job run where it is (runs-on), mount it here, or move the store to one that every runner reaches, such as release: or s3://bucket/prefix (docs/stores.md#move-a-store).`;
}

async function put(place: Place, modelPath: string, companions: Companions): Promise<PutResult> {
  const { entry } = place;
  const uri = `dir:${entry}`;
  if (await isStored(place)) {
    await addCompanions(place, companions);
    return { uri, created: false };
  }
  const source = await listModel(modelPath);
  await mkdir(path.dirname(entry), { recursive: true });
  await sweepLeftovers(path.dirname(entry));
  const temporary = temporaryBeside(entry);
  try {
    await write(temporary, place, modelPath, source);
    for (const one of await identified(companions))
      await writeCompanion(path.join(temporary, COMPANIONS, one.sha256), one, place.signal);
    await syncFolders(temporary);
    place.signal?.throwIfAborted();
    const created = await renameUnlessThere(temporary, entry);
    await sync(path.dirname(entry));
    if (!created) await addCompanions(place, companions);
    return { uri, created };
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Writes the model and its description. What counts as its digest is that of the bytes that were written. */
async function write(temporary: string, place: Place, modelPath: string, source: ModelFiles): Promise<void> {
  const { model, digest, log, signal } = place;
  const target = path.join(temporary, MODEL);
  const what = `Storing ${model} sha256:${digest.slice(0, 12)}`;
  await copyFiles({ from: source.base, to: target, paths: source.paths, what, log, signal });
  const written = await digestKept(target, digest);
  if (written.sha256 !== digest)
    throw changed(`The model ${modelPath} changed while it was stored`, digest, written.sha256);
  const description = formatDescription({ kind: source.kind, files: [...written.files] });
  await writeFile(path.join(temporary, DESCRIPTION), description, { flag: 'wx', flush: true });
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
  const { entry, model, digest, log, signal } = place;
  const source = path.join(entry, MODEL);
  if (!(await exists(entry))) {
    throw new UserError(
      'missing-file',
      `The store has no model sha256:${digest}: ${source} does not exist. Was the store moved or cleaned? Restore it, or register the model again.`,
    );
  }
  const { files } = await readDescription(place);
  const target = path.join(destination, MODEL);
  const created = await mkdir(target, { recursive: true });
  try {
    const { paths } = await listStored(place, files);
    const what = `Fetching ${model} sha256:${digest.slice(0, 12)}`;
    await copyFiles({ from: source, to: target, paths, what, log, signal });
    const fetched = await digestKept(target, digest);
    requireSame(place, fetched, files);
    await syncFolders(target);
    return { modelPath: keptPath(target, fetched) };
  } catch (error) {
    if (created !== undefined) await rm(target, { recursive: true, force: true, maxRetries: 3 });
    throw error;
  }
}

/** Whether an entry is there; throws when its files are not those it was stored with. */
async function isStored(place: Place): Promise<boolean> {
  if (!(await exists(place.entry))) return false;
  const { files } = await readDescription(place);
  const stored = await ofStored(place, files, (folder) => digestKept(folder, place.digest));
  requireSame(place, stored, files);
  return true;
}

async function readDescription({ entry, digest }: Place): Promise<Description> {
  const file = path.join(entry, DESCRIPTION);
  const where = `The store's entry ${entry}, whose ${file}`;
  const remedy = 'Restore the folder from a backup, or remove it and register the model again.';
  const info = await lstat(file).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') throw damaged(where, errorMessage(error), remedy, error);
    throw error;
  });
  if (!info.isFile()) throw damaged(where, 'it is not a plain file', remedy);
  if (info.size > LARGEST_DESCRIPTION) throw damaged(where, `it has ${info.size} bytes`, remedy);
  const description = parseDescription(await readFile(file, 'utf8'), where, remedy);
  requireDescribed(description, digest, where, remedy);
  return description;
}

const listStored = (place: Place, files: readonly FileDigest[]): Promise<ModelFiles> =>
  ofStored(place, files, listModel);

/** Something of the stored model's folder, in which only plain files may be, and some. */
async function ofStored<T>(
  place: Place,
  files: readonly FileDigest[],
  read: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = path.join(place.entry, MODEL);
  try {
    return await read(folder);
  } catch (error) {
    const unusable = error instanceof UnusableModelError;
    if (!unusable && errorCode(error) !== 'ENOENT') throw error;
    const below = `${unusable ? error.file : folder}${path.sep}`;
    const missing = files.map((file) => path.join(folder, file.path)).find((file) => file.startsWith(below));
    const at = missing ?? (unusable ? error.file : folder);
    throw changed(`The stored file ${at} was changed`, place.digest, `none (${errorMessage(error)})`);
  }
}

/** Throws when bytes do not have the digest, naming the stored file that differs from its description. */
function requireSame(
  { entry, digest }: Place,
  actual: Pick<ModelDigest, 'sha256' | 'files'>,
  files: readonly FileDigest[],
): void {
  if (actual.sha256 === digest) return;
  const found = new Map(actual.files.map((file) => [file.path, file.sha256]));
  const known = new Set(files.map((file) => file.path));
  const different = files.find((file) => found.get(file.path) !== file.sha256)?.path;
  const extra = actual.files.find((file) => !known.has(file.path))?.path;
  const file = path.join(entry, MODEL, different ?? extra ?? '');
  throw changed(`The stored file ${file} was changed`, digest, actual.sha256);
}

function changed(what: string, expected: string, actual: string): UserError {
  return new UserError(
    'evidence-mismatch',
    `${what}: the model's digest is sha256:${actual}, but sha256:${expected} is expected. Do not use these bytes; restore them from a backup, or train and register the model again.`,
    { decision: 'fail' },
  );
}

/** Puts what is not there yet beside a model that is. Throws `evidence-mismatch` for a file that is not what its place says. */
async function addCompanions(place: Place, companions: Companions): Promise<void> {
  const folder = path.join(place.entry, COMPANIONS);
  for (const one of await identified(companions)) {
    const target = path.join(folder, one.sha256);
    const file = path.join(target, one.name);
    if (await exists(file)) {
      await requireContent(file, one.sha256);
      continue;
    }
    const temporary = temporaryBeside(place.entry);
    try {
      await writeCompanion(temporary, one, place.signal);
      await mkdir(folder, { recursive: true });
      // The same content under another name is there.
      if (!(await renameUnlessThere(temporary, target))) await writeCompanion(target, one, place.signal);
      await syncFolders(folder);
    } finally {
      await rm(temporary, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

async function writeCompanion(
  folder: string,
  { name, content }: Identified,
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, name);
  try {
    if ('text' in content) await writeFile(file, content.text, { flag: 'wx', flush: true });
    else await copyPlain(content.path, file, { signal });
  } catch (error) {
    // Somebody who registers the same at the same time was first.
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

async function requireContent(file: string, sha256: string): Promise<void> {
  const actual = await sha256File(file);
  if (actual === sha256) return;
  throw new UserError(
    'evidence-mismatch',
    `The stored file ${file} was changed: it is sha256:${actual}. Restore it from a backup, or remove it and run again.`,
    { decision: 'fail' },
  );
}

async function findCompanion(entry: string, { name, sha256 }: CompanionId): Promise<string | undefined> {
  const plain = companionName(name);
  const places = [
    ...(sha256 === undefined ? [] : [path.join(entry, COMPANIONS, modelDigestHex(sha256), plain)]),
    path.join(entry, plain),
  ];
  for (const file of places) {
    if (!(await exists(file))) continue;
    requireCompanionSize(plain, (await stat(file)).size, file);
    return file;
  }
  return undefined;
}

async function unnamedIn(entry: string): Promise<string[]> {
  if (!(await exists(entry))) return [];
  return (await readdir(entry)).filter((name) => ![MODEL, DESCRIPTION, COMPANIONS].includes(name)).sort();
}

import { mkdir, open, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { createReadStream, createWriteStream } from 'node:fs';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../../action/errors.ts';
import type { FileDigest } from '../../digest/files.ts';
import { digestKept, keptPath, type ModelDigest } from '../../digest/model.ts';
import { UnusableModelError } from '../../digest/unusable.ts';
import { inParallel } from '../../transfer/parallel.ts';
import { trackProgress, type Progress } from '../../transfer/progress.ts';
import { MODEL } from '../description.ts';
import { downloadAsset, type Asset } from './assets.ts';
import { changed } from './changed.ts';
import type { Entry } from './entry.ts';
import { find, type Found } from './find.ts';
import { uriOf, type Place } from './place.ts';

const AT_ONCE = 4;
/** Up to here a file is written at once, in bytes. */
const SMALL = 1 << 20;

/** Downloads a model and verifies every byte. */
export async function fetchModel(place: Place, destination: string): Promise<{ modelPath: string }> {
  const found = await find(place);
  if (found === undefined) throw missing(place);
  const { files } = found.entry;
  const target = path.join(destination, MODEL);
  const created = await mkdir(target, { recursive: true });
  try {
    await downloadPacks(place, found, target);
    const actual = await digestKept(target, place.digest).catch((error: unknown) => {
      if (error instanceof UnusableModelError) throw changed(error.message, place.digest, 'none');
      throw error;
    });
    if (actual.sha256 !== place.digest) throw blame(place, files, actual);
    return { modelPath: keptPath(target, actual) };
  } catch (error) {
    if (created !== undefined) await rm(target, { recursive: true, force: true, maxRetries: 3 });
    throw error;
  }
}

async function downloadPacks(place: Place, { entry, asset }: Found, target: string): Promise<void> {
  const { client, model, digest, log, signal } = place;
  const bytes = entry.files.reduce((sum, file) => sum + file.bytes, 0);
  const what = `Downloading ${model} sha256:${digest.slice(0, 12)} from a release of ${client.repository}`;
  const progress = trackProgress({ log, what, bytes });
  for (const folder of new Set(entry.files.map((file) => path.dirname(path.join(target, file.path)))))
    await mkdir(folder, { recursive: true });
  await inParallel(contentsOf(entry), AT_ONCE, async ({ pack, files }) => {
    signal?.throwIfAborted();
    await downloadPack(place, asset(pack), { files, target, progress });
  });
  progress.done();
}

interface Contents {
  readonly pack: Entry['packs'][number];
  readonly files: readonly FileDigest[];
}

function contentsOf({ files, packs }: Entry): Contents[] {
  let at = 0;
  return packs.map((pack) => {
    const held = files.slice(at, at + pack.files);
    at += pack.files;
    return { pack, files: held };
  });
}

interface Into {
  readonly files: readonly FileDigest[];
  readonly target: string;
  readonly progress: Progress;
}

/** A pack with one file is that file; any other is taken apart, so that one pack at a time needs its space twice. */
async function downloadPack(
  { client, signal, digest }: Place,
  asset: Asset | undefined,
  { files, target, progress }: Into,
): Promise<void> {
  const [only] = files;
  if (asset === undefined) {
    for (const file of files) await writeFile(path.join(target, file.path), '', { flag: 'wx' });
    return;
  }
  if (files.length === 1 && only !== undefined)
    return downloadAsset(client, asset, path.join(target, only.path), { progress, signal });
  // Beside the model, whose disk has room for it.
  const packed = path.join(path.dirname(target), `.${digest}-${asset.id}`);
  try {
    await downloadAsset(client, asset, packed, { progress, signal });
    await unpack(packed, files, target);
  } finally {
    await rm(packed, { force: true });
  }
}

async function unpack(packed: string, files: readonly FileDigest[], target: string): Promise<void> {
  const handle = await open(packed, 'r');
  try {
    let at = 0;
    const placed = files.map((file) => {
      const start = at;
      at += file.bytes;
      return { to: path.join(target, file.path), start, bytes: file.bytes };
    });
    await inParallel(placed, AT_ONCE, (part) => extract(handle, packed, part));
  } finally {
    await handle.close();
  }
}

async function extract(
  handle: FileHandle,
  packed: string,
  { to, start, bytes }: { readonly to: string; readonly start: number; readonly bytes: number },
): Promise<void> {
  if (bytes > SMALL) {
    await pipeline(
      createReadStream(packed, { start, end: start + bytes - 1 }),
      createWriteStream(to, { flags: 'wx' }),
    );
    return;
  }
  const content = Buffer.alloc(bytes);
  if (bytes > 0) await handle.read(content, 0, bytes, start);
  await writeFile(to, content, { flag: 'wx' });
}

function blame(place: Place, files: readonly FileDigest[], actual: ModelDigest): UserError {
  const found = new Map(actual.files.map((file) => [file.path, file.sha256]));
  const different = files.find((file) => found.get(file.path) !== file.sha256);
  const file = different?.path ?? '';
  const what = `The file ${file} in the release ${place.tag} was changed`;
  return changed(what, different?.sha256 ?? place.digest, found.get(file) ?? 'none');
}

function missing(place: Place): UserError {
  return new UserError(
    'missing-file',
    `The store has no model sha256:${place.digest}: ${uriOf(place)} is no published release that this token can see. Was the release deleted, or does the token not reach that repository (contents: read)? Register the model again.`,
  );
}

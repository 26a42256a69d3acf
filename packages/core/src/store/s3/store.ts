import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { UserError } from '../../action/errors.ts';
import { keptPath } from '../../digest/model.ts';
import { openS3 } from '../../s3/connection.ts';
import { downloadObject, getText } from '../../s3/download.ts';
import { S3Failure } from '../../s3/failure.ts';
import { formatS3Uri, type S3Location } from '../../s3/location.ts';
import { headObject, listObjects, listVersions } from '../../s3/objects.ts';
import { inParallel } from '../../transfer/parallel.ts';
import { trackProgress } from '../../transfer/progress.ts';
import { syncFolders } from '../copy.ts';
import {
  LARGEST_DESCRIPTION,
  MODEL,
  companionName,
  requireCompanionSize,
  modelDigestHex,
  requireDescribed,
} from '../description.ts';
import { parseEntry, type S3Entry, type StoredCompanion } from './entry.ts';
import { AT_ONCE, companionKey, entryKey, fileKey, type S3Place } from './place.ts';
import { putCompanions, putEntry } from './put.ts';
import type { Store, StoreContext } from '../store.ts';

/**
 * A store in S3: `<prefix>/<model>/sha256/<hex>/model/…`, companions beside it, and `entry.json`, which is written last:
 * a model without it is not there. Every object is read in the version that was written, and compared with its sha256.
 */
export function s3Store(root: S3Location, context: StoreContext): Store {
  const { env = process.env, signal, encryption } = context;
  const s3 = openS3({ env, signal, encryption });
  const known = new Map<string, S3Entry>();
  const at = (model: string, digest: string): S3Place => ({
    ...context,
    s3,
    bucket: root.bucket,
    entry: [root.key, model, 'sha256', modelDigestHex(digest)].filter((part) => part !== '').join('/'),
    model,
    digest,
  });
  const find = async (place: S3Place): Promise<S3Entry | undefined> => {
    const entry = known.get(place.entry) ?? (await readEntry(place));
    // An entry never changes; that there is none may change at any time.
    if (entry !== undefined) known.set(place.entry, entry);
    return entry;
  };
  return {
    uri: formatS3Uri(root),
    async has(model, digest) {
      const place = at(model, digest);
      const entry = await find(place);
      if (entry !== undefined) await requireStored(place, entry);
      return entry !== undefined;
    },
    async put(model, digest, modelPath, companions) {
      const place = at(model, digest);
      const before = await find(place);
      if (before !== undefined) await requireStored(place, before);
      const created = before === undefined && (await putEntry(place, modelPath, companions));
      if (!created) await putCompanions(place, companions);
      const entry = await find(place);
      return { uri: formatS3Uri(entryLocation(place)), created, versionIds: versionIdsOf(place, entry) };
    },
    fetch: async (model, digest, destination) => {
      const place = at(model, digest);
      return fetchModel(place, await find(place), destination);
    },
    async companion(model, digest, { name, sha256 }) {
      const place = at(model, digest);
      const wanted = companionName(name);
      const listed = ((await find(place))?.companions ?? []).filter((one) => one.name === wanted);
      const found =
        sha256 === undefined
          ? listed[0]
          : (listed.find((one) => one.sha256 === sha256) ??
            (await existingCompanion(place, { name: wanted, sha256: modelDigestHex(sha256) })));
      return found && fetchCompanion(place, found);
    },
    unnamed: async (model, digest) =>
      ((await find(at(model, digest)))?.companions ?? []).map(({ name }) => name).sort(),
  };
}

const entryLocation = ({ bucket, entry }: S3Place): S3Location => ({ bucket, key: entry });

async function readEntry(place: S3Place): Promise<S3Entry | undefined> {
  const id = { bucket: place.bucket, key: entryKey(place) };
  const text = await getText(place.s3, id, LARGEST_DESCRIPTION);
  if (text === undefined) return undefined;
  const remedy =
    'Restore the version of it that was written first, or remove it and register the model again.';
  const where = `The description ${formatS3Uri(id)} of a stored model`;
  const entry = parseEntry(text, where, remedy);
  requireDescribed(entry, place.digest, where, remedy);
  return entry;
}

/** Looks whether every file is there as it was written, without reading it. Throws `evidence-mismatch`, naming the first that is not. */
async function requireStored(place: S3Place, { files }: S3Entry): Promise<void> {
  const folder = { bucket: place.bucket, key: `${place.entry}/${MODEL}/` };
  const versioned = files.some((file) => file['version-id'] !== undefined);
  const listed = versioned
    ? await listVersions(place.s3, folder)
    : (await listObjects(place.s3, folder)).map((object) => ({ ...object, versionId: 'null' }));
  const there = new Set(
    listed.map(({ key, versionId, bytes, etag }) => identity(key, versionId, bytes, etag)),
  );
  for (const file of files) {
    const key = fileKey(place, file.path);
    const version = file['version-id'] ?? 'null';
    if (!there.has(identity(key, version, file.bytes, file.etag)))
      throw changed(place, key, 'the version that was stored is not there');
  }
}

function identity(key: string, versionId: string, bytes: number, etag: string): string {
  return JSON.stringify([key, versionId, bytes, etag]);
}

async function fetchModel(
  place: S3Place,
  entry: S3Entry | undefined,
  destination: string,
): Promise<{ modelPath: string }> {
  const { model, digest, log } = place;
  if (entry === undefined) {
    throw new UserError(
      'missing-file',
      `The store has no model ${model} sha256:${digest}: ${formatS3Uri({ bucket: place.bucket, key: entryKey(place) })} does not exist. Was the store moved or cleaned? Restore it, or register the model again.`,
    );
  }
  const { files } = entry;
  const target = path.join(destination, MODEL);
  const made = await mkdir(target, { recursive: true });
  const what = `Fetching ${model} sha256:${digest.slice(0, 12)}`;
  const progress = trackProgress({ log, what, bytes: files.reduce((sum, file) => sum + file.bytes, 0) });
  try {
    const folders = new Set(files.map((file) => path.dirname(path.join(target, file.path))));
    for (const folder of folders) await mkdir(folder, { recursive: true });
    await inParallel(files, AT_ONCE, async (file) => {
      const to = path.join(target, file.path);
      const key = fileKey(place, file.path);
      await fetchObject(place, { ...file, key, onBytes: (bytes) => progress.add(bytes) }, to);
    });
    await syncFolders(target);
  } catch (error) {
    if (made !== undefined) await rm(target, { recursive: true, force: true, maxRetries: 3 });
    throw error;
  }
  progress.done();
  return { modelPath: keptPath(target, entry) };
}

interface Wanted {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly etag: string;
  readonly 'version-id'?: string | undefined;
  readonly onBytes?: (bytes: number) => void;
}

/** Reads the version that was written, also when somebody has written another or deleted the object since. */
async function fetchObject(place: S3Place, wanted: Wanted, to: string): Promise<void> {
  const { key, etag, bytes, onBytes, 'version-id': versionId } = wanted;
  const request = { bucket: place.bucket, key, versionId, etag, bytes, onBytes };
  const done = await downloadObject(place.s3, request, to).catch((error: unknown) => {
    if (!(error instanceof S3Failure) || !(error.isAbsent || error.isOther)) throw error;
    const what = versionId === undefined ? 'it' : `version ${versionId}`;
    throw changed(place, key, `${what} was ${error.isAbsent ? 'deleted' : 'overwritten'}`);
  });
  if (done.sha256 === wanted.sha256) return;
  await rm(to, { force: true });
  throw changed(place, key, `its sha256 is ${done.sha256} and was ${wanted.sha256}`);
}

/** What a later registration put beside the model, as it is there now; its sha256 is compared when it is read. */
async function existingCompanion(
  place: S3Place,
  id: { readonly name: string; readonly sha256: string },
): Promise<StoredCompanion | undefined> {
  const head = await headObject(place.s3, { bucket: place.bucket, key: companionKey(place, id) });
  if (head === undefined) return undefined;
  const { bytes, etag, versionId } = head;
  return { ...id, bytes, etag, ...(versionId === undefined ? {} : { 'version-id': versionId }) };
}

async function fetchCompanion(place: S3Place, companion: StoredCompanion): Promise<string> {
  const key = companionKey(place, companion);
  requireCompanionSize(companion.name, companion.bytes, formatS3Uri({ bucket: place.bucket, key }));
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-s3-'));
  const file = path.join(folder, companion.name);
  await fetchObject(place, { ...companion, key }, file);
  return file;
}

function versionIdsOf(place: S3Place, entry: S3Entry | undefined): ReadonlyMap<string, string> {
  const ids = [
    ...(entry?.files ?? []).map((file) => [fileKey(place, file.path), file['version-id']] as const),
    ...(entry?.companions ?? []).map((one) => [companionKey(place, one), one['version-id']] as const),
  ];
  return new Map(ids.flatMap(([key, id]) => (id === undefined ? [] : [[key, id] as const])));
}

function changed({ bucket, digest }: S3Place, key: string, what: string): UserError {
  return new UserError(
    'evidence-mismatch',
    `${formatS3Uri({ bucket, key })} was changed: ${what}. It belongs to the model sha256:${digest}. Do not use these bytes; restore the version that was stored, or train and register the model again.`,
    { decision: 'fail' },
  );
}

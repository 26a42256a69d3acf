import { lstat } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError } from '../../action/errors.ts';
import { sha256 as textDigest, sha256File, type FileDigest } from '../../digest/files.ts';
import { digestModel, listModel } from '../../digest/model.ts';
import { LONGEST_KEY } from '../../s3/location.ts';
import { listObjects } from '../../s3/objects.ts';
import { OtherObjectError, existingObject, uploadFile, uploadText, type Uploaded } from '../../s3/upload.ts';
import { inParallel } from '../../transfer/parallel.ts';
import { trackProgress } from '../../transfer/progress.ts';
import { MODEL, companionName } from '../description.ts';
import { formatEntry, type Stamp, type StoredCompanion, type StoredFile } from './entry.ts';
import { AT_ONCE, companionKey, entryKey, fileKey, type S3Place } from './place.ts';
import type { Companion } from '../store.ts';

/**
 * Puts the files of a model, what lies beside it, and last its description. What an earlier put had sent is not sent
 * again. Returns false when somebody else described the same model meanwhile: then theirs counts.
 */
export async function putEntry(
  place: S3Place,
  modelPath: string,
  companions: ReadonlyMap<string, Companion>,
): Promise<boolean> {
  const { kind, base } = await listModel(modelPath);
  const source = await digestModel(modelPath);
  if (source.sha256 !== place.digest) {
    throw new UserError(
      'evidence-mismatch',
      `The model ${modelPath} changed while it was stored: its digest is sha256:${source.sha256}, but sha256:${place.digest} is expected. Find the step that still writes it, and run the job again.`,
      { decision: 'fail' },
    );
  }
  requireShortKeys(place, source.files);
  const files = await putFiles(place, base, source.files);
  const beside = await putCompanions(place, companions);
  warnWithoutVersions(place, [...files, ...beside]);
  const text = formatEntry({ kind, files, companions: beside });
  try {
    return (await uploadText(place.s3, { bucket: place.bucket, key: entryKey(place) }, text)).created;
  } catch (error) {
    if (error instanceof OtherObjectError) return false;
    throw error;
  }
}

/** Puts what lies beside a model, each under its digest; what is there already is compared and left alone. */
export async function putCompanions(
  place: S3Place,
  companions: ReadonlyMap<string, Companion>,
): Promise<StoredCompanion[]> {
  return inParallel([...companions], AT_ONCE, ([name, content]) =>
    putCompanion(place, companionName(name), content),
  );
}

function requireShortKeys(place: S3Place, files: readonly FileDigest[]): void {
  const long = files.find((file) => Buffer.byteLength(fileKey(place, file.path)) > LONGEST_KEY);
  if (long === undefined) return;
  const key = fileKey(place, long.path);
  throw new UserError(
    'bad-input',
    `The key '${key}' would have ${Buffer.byteLength(key)} bytes, and S3 allows ${LONGEST_KEY}. Shorten the name of that file, or the prefix of the store.`,
  );
}

async function putFiles(place: S3Place, base: string, files: readonly FileDigest[]): Promise<StoredFile[]> {
  const { s3, bucket, entry, model, digest, log } = place;
  const there = new Set((await listObjects(s3, { bucket, key: `${entry}/${MODEL}/` })).map(({ key }) => key));
  const what = `Storing ${model} sha256:${digest.slice(0, 12)}`;
  const progress = trackProgress({ log, what, bytes: files.reduce((sum, file) => sum + file.bytes, 0) });
  const stored = await inParallel(files, AT_ONCE, async (file) => {
    const to = { bucket, key: fileKey(place, file.path) };
    const onBytes = (bytes: number): void => progress.add(bytes);
    const content = { file: path.join(base, file.path), bytes: file.bytes, sha256: file.sha256, onBytes };
    const existing = there.has(to.key) ? await existingObject(s3, to, content) : undefined;
    if (existing !== undefined) onBytes(file.bytes);
    return { ...file, ...stampOf(existing ?? (await uploadFile(s3, to, content))) };
  });
  progress.done();
  return stored;
}

async function putCompanion(place: S3Place, name: string, content: Companion): Promise<StoredCompanion> {
  const { s3, bucket } = place;
  if ('text' in content) {
    const sha256 = textDigest(content.text);
    const to = { bucket, key: companionKey(place, { name, sha256 }) };
    const done = await uploadText(s3, to, content.text);
    return { name, bytes: done.bytes, sha256, ...stampOf(done) };
  }
  const { path: file } = content;
  const { size: bytes } = await lstat(file);
  const sha256 = await sha256File(file);
  const done = await uploadFile(
    s3,
    { bucket, key: companionKey(place, { name, sha256 }) },
    { file, bytes, sha256 },
  );
  return { name, bytes, sha256, ...stampOf(done) };
}

function stampOf({ etag, versionId }: Uploaded): Stamp {
  return { etag, ...(versionId === undefined ? {} : { 'version-id': versionId }) };
}

function warnWithoutVersions({ bucket, log }: S3Place, stamps: readonly Stamp[]): void {
  if (stamps.every((stamp) => stamp['version-id'] !== undefined)) return;
  log.warning(
    `The bucket '${bucket}' has no versioning. The model is stored, but when somebody overwrites or deletes one of its objects, the bytes are gone: that would be noticed, and could not be undone. Turn versioning on: aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled`,
    { title: 'A bucket without versioning' },
  );
}

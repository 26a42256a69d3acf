import { UserError } from '../action/errors.ts';
import { retry } from '../action/retry.ts';
import { sha256 } from '../digest/files.ts';
import type { S3 } from './connection.ts';
import { digestObject } from './download.ts';
import { S3Failure } from './failure.ts';
import { formatS3Uri, type S3Location } from './location.ts';
import { digestOfParts, sendInParts } from './multipart.ts';
import { encryptionOf, headObject, realVersion, type S3Head } from './objects.ts';
import { changed, readPart, type FileSource } from './file-source.ts';
import { PART_BYTES } from './parts.ts';

/** An object as it lies in S3 after an upload. */
export interface Uploaded {
  readonly bytes: number;
  readonly etag: string;
  /** Absent in a bucket without versioning. */
  readonly versionId: string | undefined;
  /** False when the same bytes were there before. */
  readonly created: boolean;
}

/** Another object has the key that was to be written. */
export class OtherObjectError extends UserError<'evidence-mismatch'> {
  constructor(message: string) {
    super('evidence-mismatch', message, { decision: 'fail' });
    this.name = 'OtherObjectError';
  }
}

/** What an object should hold, and the file it comes from, if it does. */
interface Content {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly file?: string;
}

/** How often others may make or give up the same object before this gives up. */
const ATTEMPTS = 6;
const FIRST_WAIT_MS = 200;

/**
 * Puts a file of which the sha256 is known. Nothing is ever overwritten: an object that is there already is compared and
 * left alone. Large files go in parts, of which those that an earlier attempt has sent are not sent again. The server
 * compares every request with its SHA-256. Throws S3Failure, and UserError `evidence-mismatch` when the file has changed
 * or (OtherObjectError) another object has that key.
 */
export async function uploadFile(s3: S3, to: S3Location, source: FileSource): Promise<Uploaded> {
  if (source.bytes > PART_BYTES) {
    // Asked first, because the server refuses only after the last part.
    const existing = await existingObject(s3, to, source);
    return existing ?? unlessThere(s3, to, source, () => sendInParts(s3, to, source));
  }
  return unlessThere(s3, to, source, () =>
    s3.memory.with(source.bytes, async () => {
      // One byte more, so that a file that grew is noticed.
      const bytes = await readPart(source.file, 0, source.bytes + 1);
      if (bytes.length !== source.bytes || sha256(bytes) !== source.sha256) throw changed(source);
      const made = await putBytes(s3, to, bytes, source.sha256);
      source.onBytes?.(bytes.length);
      return made;
    }),
  );
}

/** Puts a text. As for a file, nothing is overwritten; throws OtherObjectError. */
export async function uploadText(
  s3: S3,
  to: S3Location,
  text: string,
): Promise<Uploaded & { readonly sha256: string }> {
  const bytes = Buffer.from(text, 'utf8');
  const digest = sha256(bytes);
  const source = { bytes: bytes.length, sha256: digest };
  return { ...(await unlessThere(s3, to, source, () => putBytes(s3, to, bytes, digest))), sha256: digest };
}

/**
 * Compares the object that has this key with what should be there. Returns undefined when there is none. Throws
 * OtherObjectError when it is another.
 */
export async function existingObject(
  s3: S3,
  to: S3Location,
  expected: Content,
): Promise<Uploaded | undefined> {
  const head = await headObject(s3, to);
  if (head === undefined) return undefined;
  if (!(await isSame(s3, to, head, expected))) {
    throw new OtherObjectError(
      `${formatS3Uri(to)} is another object than the one that belongs there (${head.bytes} bytes, ETag ${head.etag}; expected are ${expected.bytes} bytes with sha256 ${expected.sha256}). Nothing is overwritten: find out who wrote it, remove it, and run the job again.`,
    );
  }
  return { bytes: head.bytes, etag: head.etag, versionId: head.versionId, created: false };
}

async function isSame(s3: S3, to: S3Location, head: S3Head, expected: Content): Promise<boolean> {
  if (head.bytes !== expected.bytes) return false;
  if (head.sha256 !== undefined) return head.sha256 === expected.sha256;
  const { file, bytes } = expected;
  if (head.sha256OfParts !== undefined && file !== undefined) {
    if (head.sha256OfParts === (await digestOfParts({ file, bytes }))) return true;
  }
  // Somebody else's parts have other lengths, and some servers keep no checksum at all.
  return (
    (await digestObject(s3, { ...to, versionId: head.versionId, bytes: head.bytes })) === expected.sha256
  );
}

/** Makes an object unless it is there, whoever else makes it at the same time. */
async function unlessThere(
  s3: S3,
  to: S3Location,
  expected: Content,
  make: () => Promise<Omit<Uploaded, 'created' | 'bytes'>>,
): Promise<Uploaded> {
  const attempt = async (): Promise<Uploaded> => {
    try {
      return { ...(await make()), bytes: expected.bytes, created: true };
    } catch (error) {
      const existing = isTaken(error) ? await existingObject(s3, to, expected) : undefined;
      if (existing === undefined) throw error;
      return existing;
    }
  };
  const waits = (error: unknown, failures: number): number | undefined =>
    isTaken(error) && failures < ATTEMPTS ? FIRST_WAIT_MS * 2 ** failures : undefined;
  return retry(attempt, { waits, signal: s3.signal });
}

function isTaken(error: unknown): boolean {
  return error instanceof S3Failure && (error.isConflict || error.code === 'NoSuchUpload');
}

async function putBytes(
  s3: S3,
  { bucket, key }: S3Location,
  bytes: Buffer,
  digest: string,
): Promise<Omit<Uploaded, 'created' | 'bytes'>> {
  const answer = await s3.call({ action: 'PutObject', bucket, key }, (sdk, client, options) =>
    client.send(
      new sdk.PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: bytes,
        ContentLength: bytes.length,
        ChecksumSHA256: Buffer.from(digest, 'hex').toString('base64'),
        IfNoneMatch: '*',
        ...encryptionOf(s3.encryption),
      }),
      options,
    ),
  );
  return { etag: answer.ETag ?? '', versionId: realVersion(answer.VersionId) };
}

import { createHash } from 'node:crypto';
import type { CompletedPart, ListPartsCommandOutput } from '@aws-sdk/client-s3';
import { inParallel } from '../transfer/parallel.ts';
import type { S3 } from './connection.ts';
import { S3Failure } from './failure.ts';
import type { S3Location } from './location.ts';
import { listPages } from './pages.ts';
import { encryptionOf, realVersion } from './objects.ts';
import { changed, readPart, type FileSource } from './file-source.ts';
import { partsOf, type Part } from './parts.ts';

/** An upload that has begun: its id, and its parts by number. */
interface Begun {
  readonly id: string;
  readonly there: ReadonlyMap<number, CompletedPart>;
}

interface Completed {
  readonly etag: string;
  readonly versionId: string | undefined;
}

/** Parts of one file at once; the budget of the connection limits all files together. */
const PARTS_AT_ONCE = 8;

/**
 * Puts a large file in parts. Takes up an upload of the same key that broke off: a part counts as sent when the server has
 * its SHA-256, so that nobody else's parts get in. Throws S3Failure with a conflict when the object is there, and
 * UserError `evidence-mismatch` when the file changed.
 */
export async function sendInParts(s3: S3, to: S3Location, source: FileSource): Promise<Completed> {
  const begun = (await findBegun(s3, to)) ?? (await begin(s3, to));
  const reader = orderedReader(source);
  const parts = await inParallel(partsOf(source.bytes), PARTS_AT_ONCE, (part) =>
    s3.memory.with(part.bytes, async () => {
      const sent = await sendPart(s3, to, begun, part, await reader.read(part));
      source.onBytes?.(part.bytes);
      return sent;
    }),
  );
  if (reader.sha256() !== source.sha256) {
    await giveUp(s3, to, begun);
    throw changed(source);
  }
  return complete(s3, to, begun, parts);
}

/** The digest that S3 gives an object of parts: sha256 over the raw sha256 of each, and their number. */
export async function digestOfParts({ file, bytes }: Pick<FileSource, 'file' | 'bytes'>): Promise<string> {
  const parts = partsOf(bytes);
  const digest = createHash('sha256');
  for (const part of parts) {
    const content = await readPart(file, part.start, part.bytes);
    digest.update(createHash('sha256').update(content).digest());
  }
  return `${digest.digest('hex')}-${parts.length}`;
}

/** Reads the parts of a file one after the other in the order in which they are asked for, and digests all of it. */
function orderedReader({ file }: FileSource): {
  read(part: Part): Promise<Buffer>;
  sha256(): string;
} {
  const digest = createHash('sha256');
  let last: Promise<unknown> = Promise.resolve();
  return {
    read(part) {
      const content = last.then(async () => {
        const bytes = await readPart(file, part.start, part.bytes);
        digest.update(bytes);
        return bytes;
      });
      last = content;
      return content;
    },
    sha256: () => digest.digest('hex'),
  };
}

async function sendPart(
  s3: S3,
  { bucket, key }: S3Location,
  { id, there }: Begun,
  part: Part,
  content: Buffer,
): Promise<CompletedPart> {
  const checksum = createHash('sha256').update(content).digest('base64');
  const known = there.get(part.number);
  if (known?.ChecksumSHA256 === checksum) return known;
  const answer = await s3.call({ action: 'UploadPart', bucket, key }, (sdk, client, options) =>
    client.send(
      new sdk.UploadPartCommand({
        Bucket: bucket,
        Key: key,
        UploadId: id,
        PartNumber: part.number,
        Body: content,
        ContentLength: content.length,
        ChecksumSHA256: checksum,
      }),
      options,
    ),
  );
  return {
    PartNumber: part.number,
    ETag: answer.ETag,
    // A server that knows no checksums would not know the element either.
    ...(answer.ChecksumSHA256 === undefined ? {} : { ChecksumSHA256: answer.ChecksumSHA256 }),
  };
}

async function begin(s3: S3, { bucket, key }: S3Location): Promise<Begun> {
  const { UploadId } = await s3.call(
    { action: 'CreateMultipartUpload', bucket, key },
    (sdk, client, options) =>
      client.send(
        new sdk.CreateMultipartUploadCommand({
          Bucket: bucket,
          Key: key,
          ChecksumAlgorithm: 'SHA256',
          ...encryptionOf(s3.encryption),
        }),
        options,
      ),
  );
  return { id: UploadId ?? '', there: new Map() };
}

/** The newest upload of this key that keeps SHA-256 checksums. */
async function findBegun(s3: S3, to: S3Location): Promise<Begun | undefined> {
  const { bucket: Bucket, key: Key } = to;
  try {
    const { Uploads = [] } = await s3.call(
      { action: 'ListMultipartUploads', ...to },
      (sdk, client, options) =>
        client.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: Key }), options),
    );
    const [newest] = Uploads.filter((u) => u.Key === Key && u.ChecksumAlgorithm === 'SHA256').sort(
      (a, b) => (b.Initiated?.getTime() ?? 0) - (a.Initiated?.getTime() ?? 0),
    );
    return newest?.UploadId === undefined ? undefined : await partsThere(s3, to, newest.UploadId);
  } catch (error) {
    // A role that may only write objects is a good one, and an upload that has just ended is none to take up.
    const none = error instanceof S3Failure && (error.reasonCode === 'no-permission' || error.isAbsent);
    if (none && error.code !== 'NoSuchBucket') return undefined;
    throw error;
  }
}

async function partsThere(s3: S3, { bucket, key }: S3Location, id: string): Promise<Begun> {
  const there = new Map<number, CompletedPart>();
  const ask = (PartNumberMarker: string | undefined): Promise<ListPartsCommandOutput> =>
    s3.call({ action: 'ListParts', bucket, key }, (sdk, client, options) =>
      client.send(
        new sdk.ListPartsCommand({ Bucket: bucket, Key: key, UploadId: id, PartNumberMarker }),
        options,
      ),
    );
  const after = (page: ListPartsCommandOutput): string | undefined =>
    page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
  for await (const page of listPages(s3, { bucket, key }, ask, after)) {
    for (const { PartNumber, ETag, ChecksumSHA256 } of page.Parts ?? []) {
      if (PartNumber !== undefined) there.set(PartNumber, { PartNumber, ETag, ChecksumSHA256 });
    }
  }
  return { id, there };
}

async function complete(s3: S3, to: S3Location, begun: Begun, parts: CompletedPart[]): Promise<Completed> {
  try {
    return await assemble(s3, to, begun, parts);
  } catch (error) {
    if (error instanceof S3Failure && error.isConflict) await giveUp(s3, to, begun);
    throw error;
  }
}

async function assemble(
  s3: S3,
  { bucket, key }: S3Location,
  { id }: Begun,
  parts: CompletedPart[],
): Promise<Completed> {
  const answer = await s3.call({ action: 'CompleteMultipartUpload', bucket, key }, (sdk, client, options) =>
    client.send(
      new sdk.CompleteMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        UploadId: id,
        MultipartUpload: { Parts: parts },
        IfNoneMatch: '*',
      }),
      options,
    ),
  );
  return { etag: answer.ETag ?? '', versionId: realVersion(answer.VersionId) };
}

/** Parts that nobody will complete cost money until a lifecycle rule of the bucket removes them. */
async function giveUp(s3: S3, { bucket, key }: S3Location, { id }: Begun): Promise<void> {
  try {
    await s3.call({ action: 'AbortMultipartUpload', bucket, key }, (sdk, client, options) =>
      client.send(new sdk.AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: id }), options),
    );
  } catch (error) {
    // The reason for giving up is what has to be told; the parts do no harm.
    if (!(error instanceof S3Failure)) throw error;
  }
}

import type { Readable } from 'node:stream';
import type {
  ListObjectVersionsCommandOutput,
  ListObjectsV2CommandOutput,
  ServerSideEncryption,
} from '@aws-sdk/client-s3';
import type { Encryption, S3 } from './connection.ts';
import { S3Failure } from './failure.ts';
import type { S3Location } from './location.ts';
import { listPages } from './pages.ts';

/** An object as a listing shows it. */
export interface S3Object {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
}

/** A version of an object as a listing shows it. */
export interface S3Version extends S3Object {
  /** `null` in a bucket that never had versioning. */
  readonly versionId: string;
  /** Whether it is what a reader without a version id gets. */
  readonly latest: boolean;
}

/** An object, or one version of it. */
export interface S3Head extends S3Object {
  /** Absent in a bucket without versioning. */
  readonly versionId: string | undefined;
  /** sha256 in hex, where the server has it for the whole object. */
  readonly sha256: string | undefined;
  /** sha256 over the raw sha256 digests of its parts, `<hex>-<parts>`, where it was uploaded in parts. */
  readonly sha256OfParts: string | undefined;
}

/** An object, or one version of it. */
export interface ObjectId extends S3Location {
  readonly versionId?: string | undefined;
}

/** Asks for an object without its bytes; undefined when there is none. Throws S3Failure, also when the bucket is missing. */
export async function headObject(s3: S3, id: ObjectId): Promise<S3Head | undefined> {
  const { bucket: Bucket, key: Key, versionId: VersionId } = id;
  try {
    const head = await s3.call({ action: 'HeadObject', ...id }, (sdk, client, options) =>
      client.send(new sdk.HeadObjectCommand({ Bucket, Key, VersionId, ChecksumMode: 'ENABLED' }), options),
    );
    return {
      key: Key,
      bytes: head.ContentLength ?? 0,
      etag: head.ETag ?? '',
      versionId: realVersion(head.VersionId),
      ...checksums(head.ChecksumSHA256),
    };
  } catch (error) {
    if (!(error instanceof S3Failure) || !error.isAbsent) throw error;
    // The answer to HEAD has no body that would tell a missing object from a missing bucket.
    await s3.call({ action: 'HeadBucket', bucket: Bucket, key: '' }, (sdk, client, options) =>
      client.send(new sdk.HeadBucketCommand({ Bucket }), options),
    );
    return undefined;
  }
}

/** All objects whose keys begin with that of `prefix`, in the order of the server. Throws S3Failure. */
export async function listObjects(s3: S3, prefix: S3Location): Promise<S3Object[]> {
  const found: S3Object[] = [];
  const { bucket: Bucket, key: Prefix } = prefix;
  const ask = (ContinuationToken: string | undefined): Promise<ListObjectsV2CommandOutput> =>
    s3.call({ action: 'ListObjectsV2', ...prefix }, (sdk, client, options) =>
      client.send(
        new sdk.ListObjectsV2Command({ Bucket, Prefix, EncodingType: 'url', ContinuationToken }),
        options,
      ),
    );
  for await (const page of listPages(s3, prefix, ask, (last) => last.NextContinuationToken)) {
    for (const { Key, Size, ETag } of page.Contents ?? []) {
      found.push({ key: decoded(Key, page.EncodingType), bytes: Size ?? 0, etag: ETag ?? '' });
    }
  }
  return found;
}

interface VersionMarker {
  readonly KeyMarker?: string | undefined;
  readonly VersionIdMarker?: string | undefined;
}

/** All versions of all objects whose keys begin with that of `prefix`; delete markers are left out. Throws S3Failure. */
export async function listVersions(s3: S3, prefix: S3Location): Promise<S3Version[]> {
  // Some servers begin a page with the last entry of the one before.
  const found = new Map<string, S3Version>();
  const { bucket: Bucket, key: Prefix } = prefix;
  const ask = (from: VersionMarker | undefined): Promise<ListObjectVersionsCommandOutput> =>
    s3.call({ action: 'ListObjectVersions', ...prefix }, (sdk, client, options) =>
      client.send(
        new sdk.ListObjectVersionsCommand({ Bucket, Prefix, EncodingType: 'url', ...from }),
        options,
      ),
    );
  for await (const page of listPages(s3, prefix, ask, nextVersions)) {
    for (const { Key, Size, ETag, VersionId, IsLatest } of page.Versions ?? []) {
      const key = decoded(Key, page.EncodingType);
      const versionId = VersionId ?? 'null';
      const latest = IsLatest === true;
      found.set(JSON.stringify([key, versionId]), {
        key,
        bytes: Size ?? 0,
        etag: ETag ?? '',
        versionId,
        latest,
      });
    }
  }
  return [...found.values()];
}

function nextVersions(page: ListObjectVersionsCommandOutput): VersionMarker | undefined {
  if (page.IsTruncated !== true) return undefined;
  const KeyMarker = decoded(page.NextKeyMarker, page.EncodingType);
  return { KeyMarker, VersionIdMarker: page.NextVersionIdMarker };
}

/** Whether a bucket keeps what is overwritten; `unknown` when the server does not say or the caller may not ask. */
export type Versioning = 'enabled' | 'suspended' | 'never' | 'unknown';

/** Asks for the versioning of a bucket. Throws S3Failure for a bucket that does not exist, or when nobody answers. */
export async function bucketVersioning(s3: S3, bucket: string): Promise<Versioning> {
  try {
    const { Status } = await s3.call(
      { action: 'GetBucketVersioning', bucket, key: '' },
      (sdk, client, options) => client.send(new sdk.GetBucketVersioningCommand({ Bucket: bucket }), options),
    );
    if (Status === 'Enabled') return 'enabled';
    return Status === 'Suspended' ? 'suspended' : 'never';
  } catch (error) {
    // A role that may only read and write objects is a good one, and some servers know no versions.
    if (error instanceof S3Failure && (error.code === 'AccessDenied' || error.status === 501))
      return 'unknown';
    throw error;
  }
}

/** Bytes of an object that are on their way. */
export interface ObjectStream {
  readonly etag: string;
  readonly versionId: string | undefined;
  /** How many bytes come. */
  readonly length: number;
  readonly body: Readable;
}

/**
 * Begins to read an object, or a range of it, after leaving out the first `skip` bytes; with `etag`, only while it has that
 * content. Throws S3Failure.
 */
export async function readObject(
  s3: S3,
  id: ObjectId & { readonly etag?: string | undefined },
  skip: number,
  range?: { readonly start: number; readonly bytes: number },
): Promise<ObjectStream> {
  const { bucket: Bucket, key: Key, versionId: VersionId, etag: IfMatch } = id;
  const end = range === undefined ? '' : String(range.start + range.bytes - 1);
  const start = (range?.start ?? 0) + skip;
  const Range = start === 0 && end === '' ? undefined : `bytes=${start}-${end}`;
  const answer = await s3.call({ action: 'GetObject', ...id }, (sdk, client, options) =>
    client.send(new sdk.GetObjectCommand({ Bucket, Key, VersionId, IfMatch, Range }), options),
  );
  return {
    etag: answer.ETag ?? '',
    versionId: realVersion(answer.VersionId),
    length: answer.ContentLength ?? 0,
    body: answer.Body as Readable,
  };
}

/** Servers say `null` for what was written without versioning. */
export function realVersion(versionId: string | undefined): string | undefined {
  return versionId === 'null' || versionId === '' ? undefined : versionId;
}

/** The headers that say how the server is to encrypt. */
export function encryptionOf(encryption: Encryption | undefined): {
  ServerSideEncryption?: ServerSideEncryption;
  SSEKMSKeyId?: string;
} {
  if (encryption === undefined) return {};
  if (encryption.sse === 'AES256') return { ServerSideEncryption: 'AES256' };
  return {
    ServerSideEncryption: 'aws:kms',
    ...(encryption.kmsKeyId === undefined ? {} : { SSEKMSKeyId: encryption.kmsKeyId }),
  };
}

function checksums(base64: string | undefined): Pick<S3Head, 'sha256' | 'sha256OfParts'> {
  const [digest, parts] = base64?.split('-') ?? [];
  const hex = digest === undefined ? undefined : Buffer.from(digest, 'base64').toString('hex');
  return parts === undefined
    ? { sha256: hex, sha256OfParts: undefined }
    : { sha256: undefined, sha256OfParts: `${hex ?? ''}-${parts}` };
}

/** Names in listings are encoded as in a form, because XML cannot hold every character. */
function decoded(name: string | undefined, encoding: string | undefined): string {
  if (name === undefined) return '';
  return encoding === 'url' ? decodeURIComponent(name.replaceAll('+', ' ')) : name;
}

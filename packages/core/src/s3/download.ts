import { createHash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { errorCode, errorMessage, fileRefusal } from '../action/errors.ts';
import type { S3 } from './connection.ts';
import { S3Failure } from './failure.ts';
import type { ObjectId } from './objects.ts';
import { PART_BYTES } from './parts.ts';
import { receiveInRanges } from './ranges.ts';
import { LongObjectError, receive, type BoundId, type Received, type Take } from './receive.ts';

/** What to read. */
export interface DownloadRequest extends BoundId {
  /** Its size, where it is known: then a large object is read over several connections at once. */
  readonly bytes?: number | undefined;
  /** The most bytes that it may have, `bytes` by default: when there are more, LongObjectError, and none of them is read. */
  readonly most?: number | undefined;
  /** Computes the md5 as well. */
  readonly md5?: boolean;
  /** Hears how many more bytes have arrived. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** What was read: the digests are of the bytes that were written to disk. */
export interface Downloaded extends Received {
  /** Hex. */
  readonly sha256: string;
  /** Hex; present when asked for. */
  readonly md5: string | undefined;
}

/**
 * Reads an object into a new file and has it on the disk, in one pass with its digests; memory does not grow with its size.
 * When the connection dies it goes on at that byte, with the same version and ETag, so that no file is ever put together
 * from two objects. Throws S3Failure, LongObjectError, or UserError for a disk that is full or refuses; then there is no file.
 */
export async function downloadObject(s3: S3, request: DownloadRequest, file: string): Promise<Downloaded> {
  const handle = await explainDisk(file, () => open(file, 'wx'));
  try {
    const done = await digested(s3, request, (chunk, at) =>
      explainDisk(file, () => writeAll(handle, chunk, at)),
    );
    await explainDisk(file, () => handle.sync());
    return done;
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** The sha256 (hex) of an object of known size as it is read now; nothing is kept. Throws S3Failure, and LongObjectError. */
export async function digestObject(s3: S3, id: ObjectId & { readonly bytes: number }): Promise<string> {
  return (await digested(s3, id, () => undefined)).sha256;
}

/** The text of a small object, undefined when there is none. Throws S3Failure, and LongObjectError for one above `limit` bytes. */
export async function getText(s3: S3, id: ObjectId, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    await receive(s3, id, (chunk, at) => {
      if (at + chunk.length > limit) throw new LongObjectError(id, limit);
      chunks.push(chunk);
    });
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    if (error instanceof S3Failure && error.isAbsent && error.code !== 'NoSuchBucket') return undefined;
    throw error;
  }
}

async function digested(s3: S3, request: DownloadRequest, write: Take): Promise<Downloaded> {
  const {
    bytes = 0,
    most = request.bytes,
    versionId,
    etag,
    md5: wanted,
    onBytes = () => undefined,
  } = request;
  const sha256 = createHash('sha256');
  const md5 = wanted === true ? createHash('md5') : undefined;
  const take: Take = async (chunk, at) => {
    await write(chunk, at);
    sha256.update(chunk);
    md5?.update(chunk);
  };
  const bound = versionId !== undefined || etag !== undefined;
  const received =
    bound && bytes > 2 * PART_BYTES
      ? await receiveInRanges(s3, request, take, bytes, onBytes)
      : await receive(
          s3,
          request,
          async (chunk, at) => {
            await take(chunk, at);
            onBytes(chunk.length);
          },
          { most },
        );
  return { ...received, sha256: sha256.digest('hex'), md5: md5?.digest('hex') };
}

async function writeAll(handle: FileHandle, chunk: Buffer, at: number): Promise<void> {
  for (let done = 0; done < chunk.length;)
    done += (await handle.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
}

/** A write that fails names no file by itself. */
async function explainDisk<T>(file: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    const named = Object.assign(new Error(errorMessage(error)), { code: errorCode(error), path: file });
    throw fileRefusal(named) ?? error;
  }
}

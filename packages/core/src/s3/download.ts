import { createHash, type Hash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { UserError, errorCode, errorMessage, fileRefusal } from '../action/errors.ts';
import type { S3 } from './connection.ts';
import { S3Failure, explainS3, type Attempt } from './failure.ts';
import { formatS3Uri, type S3Location } from './location.ts';
import { pause } from './pause.ts';
import { readObject, type ObjectId, type ObjectStream } from './objects.ts';

/** What to read. */
export interface DownloadRequest extends ObjectId {
  /** Refuses any other content, as the server knows it. */
  readonly etag?: string | undefined;
  /** Computes the md5 as well. */
  readonly md5?: boolean;
  /** Hears how many more bytes have arrived. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** What was read: the digests are of the bytes that were written to disk. */
export interface Downloaded {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  /** Hex; present when asked for. */
  readonly md5: string | undefined;
  readonly etag: string;
  readonly versionId: string | undefined;
}

/** How often in a row a connection may die without bringing a MiB. */
const ATTEMPTS = 6;
const PROGRESS = 1 << 20;
const FIRST_WAIT_MS = 100;

/**
 * Reads an object into a new file and has it on the disk, as a stream and in one pass with its digests. When the
 * connection dies it goes on at that byte, with the same version and ETag, so that no file is ever put together from two
 * objects. Throws S3Failure, or UserError for a disk that is full or refuses; then there is no file.
 */
export async function downloadObject(s3: S3, request: DownloadRequest, file: string): Promise<Downloaded> {
  const handle = await explainDisk(file, () => open(file, 'wx'));
  try {
    const done = await receive(s3, request, (chunk, at) =>
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

/** The sha256 (hex) of an object as it is read now; nothing is kept. Throws S3Failure. */
export async function digestObject(s3: S3, id: ObjectId): Promise<string> {
  return (await receive(s3, id, () => Promise.resolve())).sha256;
}

/** The text of a small object, undefined when there is none. Throws S3Failure, and UserError for one above `limit` bytes. */
export async function getText(s3: S3, id: ObjectId, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    await receive(s3, id, (chunk, at) => {
      if (at + chunk.length > limit) throw tooLong(id, limit);
      chunks.push(chunk);
      return Promise.resolve();
    });
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    if (error instanceof S3Failure && error.isAbsent && error.code !== 'NoSuchBucket') return undefined;
    throw error;
  }
}

type Write = (chunk: Buffer, at: number) => Promise<void>;

async function receive(s3: S3, request: DownloadRequest, write: Write): Promise<Downloaded> {
  const sink = new Sink(request, write);
  const attempt: Attempt = { action: 'GetObject', ...request };
  let first: ObjectStream | undefined;
  let failures = 0;
  for (;;) {
    const from = sink.bytes;
    const part = await readObject(s3, bound(request, first), from);
    first ??= part;
    try {
      await sink.drain(part);
      if (sink.bytes === first.bytes) return sink.finished(first);
      throw Object.assign(new Error('the answer ended too early'), { code: 'ECONNRESET' });
    } catch (error) {
      part.body.destroy();
      s3.signal?.throwIfAborted();
      const failure = explainS3(error, attempt, s3.where);
      failures = sink.bytes - from >= PROGRESS ? 0 : failures + 1;
      if (error instanceof UserError || failures >= ATTEMPTS || failure === error) throw failure;
      await pause(FIRST_WAIT_MS * 2 ** failures, s3.signal);
    }
  }
}

/** What is asked for after a part of the object has been read: the same, or nothing. */
function bound(
  request: DownloadRequest,
  first: ObjectStream | undefined,
): ObjectId & { readonly etag?: string | undefined } {
  if (first === undefined) return request;
  const { bucket, key } = request;
  return { bucket, key, versionId: request.versionId ?? first.versionId, etag: first.etag };
}

/** Where bytes go: into digests, and to whoever keeps them. */
class Sink {
  bytes = 0;
  readonly #sha256 = createHash('sha256');
  readonly #md5: Hash | undefined;
  readonly #request: DownloadRequest;
  readonly #write: Write;

  constructor(request: DownloadRequest, write: Write) {
    this.#request = request;
    this.#write = write;
    this.#md5 = request.md5 === true ? createHash('md5') : undefined;
  }

  async drain({ body, bytes }: ObjectStream): Promise<void> {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (this.bytes + chunk.length > bytes) throw tooLong(this.#request, bytes);
      await this.#write(chunk, this.bytes);
      this.#sha256.update(chunk);
      this.#md5?.update(chunk);
      this.bytes += chunk.length;
      this.#request.onBytes?.(chunk.length);
    }
  }

  finished({ bytes, etag, versionId }: ObjectStream): Downloaded {
    return { bytes, sha256: this.#sha256.digest('hex'), md5: this.#md5?.digest('hex'), etag, versionId };
  }
}

function tooLong(location: S3Location, bytes: number): UserError {
  return new UserError(
    'service-unavailable',
    `The server sent more than the ${bytes} bytes that ${formatS3Uri(location)} may have. Look at that object, and at the server or proxy between.`,
  );
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

import { createHash, type Hash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { UserError, errorCode, errorMessage, fileRefusal } from '../action/errors.ts';
import type { S3 } from './connection.ts';
import { explainS3, type Attempt } from './failure.ts';
import { formatS3Uri } from './location.ts';
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
 * Reads an object into a new file, as a stream and in one pass with its digests. When the connection dies it goes on at
 * that byte, with the same version and ETag, so that no file is ever put together from two objects. Throws S3Failure, or
 * UserError for a disk that is full or refuses; then there is no file.
 */
export async function downloadObject(s3: S3, request: DownloadRequest, file: string): Promise<Downloaded> {
  const handle = await explainDisk(file, () => open(file, 'wx'));
  try {
    return await receive(s3, request, handle, file);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** The sha256 (hex) of an object as it is read now; nothing is kept. Throws S3Failure. */
export async function digestObject(s3: S3, id: ObjectId): Promise<string> {
  return (await receive(s3, id)).sha256;
}

async function receive(
  s3: S3,
  request: DownloadRequest,
  handle?: FileHandle,
  file = '',
): Promise<Downloaded> {
  const sink = new Sink(request, handle, file);
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

/** Where bytes go: into digests, and to a file where one is given. */
class Sink {
  bytes = 0;
  readonly #sha256 = createHash('sha256');
  readonly #md5: Hash | undefined;
  readonly #request: DownloadRequest;
  readonly #handle: FileHandle | undefined;
  readonly #file: string;

  constructor(request: DownloadRequest, handle: FileHandle | undefined, file: string) {
    this.#request = request;
    this.#handle = handle;
    this.#file = file;
    this.#md5 = request.md5 === true ? createHash('md5') : undefined;
  }

  async drain({ body, bytes, key }: ObjectStream): Promise<void> {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (this.bytes + chunk.length > bytes) throw tooLong({ bucket: this.#request.bucket, key }, bytes);
      await this.#write(chunk);
      this.#sha256.update(chunk);
      this.#md5?.update(chunk);
      this.bytes += chunk.length;
      this.#request.onBytes?.(chunk.length);
    }
  }

  async #write(chunk: Buffer): Promise<void> {
    const handle = this.#handle;
    if (handle === undefined) return;
    await explainDisk(this.#file, async () => {
      for (let done = 0; done < chunk.length;) {
        done += (await handle.write(chunk, done, chunk.length - done, this.bytes + done)).bytesWritten;
      }
    });
  }

  finished({ bytes, etag, versionId }: ObjectStream): Downloaded {
    return { bytes, sha256: this.#sha256.digest('hex'), md5: this.#md5?.digest('hex'), etag, versionId };
  }
}

function tooLong(location: { bucket: string; key: string }, bytes: number): UserError {
  return new UserError(
    'service-unavailable',
    `${formatS3Uri(location)} has ${bytes} bytes, but the server sent more. Run the job again; look at the server or proxy between.`,
  );
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

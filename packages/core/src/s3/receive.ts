import { UserError } from '../action/errors.ts';
import { timeFor } from '../transfer/http.ts';
import { retry } from '../action/retry.ts';
import type { S3 } from './connection.ts';
import { explainS3, type Attempt } from './failure.ts';
import { formatS3Uri, type S3Location } from './location.ts';
import { readObject, type ObjectId, type ObjectStream } from './objects.ts';

/** An object, one version of it, or only while it has this content as the server knows it. */
export interface BoundId extends ObjectId {
  readonly etag?: string | undefined;
}

/** Some bytes of an object. */
export interface Range {
  readonly start: number;
  readonly bytes: number;
}

/** What arrived. */
export interface Received {
  readonly bytes: number;
  readonly etag: string;
  readonly versionId: string | undefined;
}

/** Gets bytes in their order; `at` counts from the first that was asked for. */
export type Take = (chunk: Buffer, at: number) => Promise<void> | void;

/** An object has more bytes than it may have, or more than the server itself said. */
export class LongObjectError extends UserError<'service-unavailable'> {
  constructor(location: S3Location, most: number) {
    super(
      'service-unavailable',
      `The server sent more than the ${most} bytes that ${formatS3Uri(location)} may have. Look at that object, and at the server or proxy between.`,
    );
    this.name = 'LongObjectError';
  }
}

/** How often in a row a connection may die without bringing a MiB. */
const ATTEMPTS = 6;
const PROGRESS = 1 << 20;

/**
 * Reads an object, or a range of it. When the connection dies it goes on at that byte, with the same version and ETag, so
 * that nothing is ever put together from two objects. Of more than `most` bytes none is read, and a server that drips is given
 * up. Throws S3Failure, LongObjectError, and what `take` throws.
 */
export async function receive(
  s3: S3,
  id: BoundId,
  take: Take,
  {
    range,
    most = range?.bytes ?? Infinity,
  }: { readonly range?: Range; readonly most?: number | undefined } = {},
): Promise<Received> {
  const { limits } = s3;
  const attempt: Attempt = { action: 'GetObject', ...id };
  let first: ObjectStream | undefined;
  let end: number | undefined;
  let bytes = 0;
  let from = 0;
  let failures = 0;
  let broke = false;
  const waits = (): number | undefined => {
    failures = bytes - from >= PROGRESS ? 0 : failures + 1;
    return broke && failures < ATTEMPTS ? limits.breakMs * 2 ** failures : undefined;
  };
  const next = async (): Promise<Received> => {
    broke = false;
    from = bytes;
    const part = await readObject(s3, bound(id, first), from, range);
    first ??= part;
    const { length, etag, versionId } = first;
    const withinMs = timeFor(length, limits.objectMs);
    end ??= performance.now() + withinMs;
    try {
      if (length > most) throw new LongObjectError(id, most);
      for await (const chunk of part.body as AsyncIterable<Buffer>) {
        if (bytes + chunk.length > length) throw new LongObjectError(id, length);
        if (performance.now() > end) throw tooSlow(id, length, withinMs);
        await take(chunk, bytes);
        bytes += chunk.length;
      }
      if (bytes === length) return { bytes, etag, versionId };
      throw Object.assign(new Error('the answer ended too early'), { code: 'ECONNRESET' });
    } catch (error) {
      part.body.destroy();
      const failure = explainS3(error, attempt, s3.where);
      broke = !(error instanceof UserError) && failure !== error;
      throw failure;
    }
  };
  return retry(next, { waits, signal: s3.signal });
}

/** What is asked for after a part of the object has been read: the same, or nothing. */
function bound(id: BoundId, first: ObjectStream | undefined): BoundId {
  if (first === undefined) return id;
  const { bucket, key } = id;
  return { bucket, key, versionId: id.versionId ?? first.versionId, etag: first.etag };
}

function tooSlow(location: S3Location, bytes: number, withinMs: number): UserError {
  return new UserError(
    'service-unavailable',
    `The server did not send the ${bytes} bytes of ${formatS3Uri(location)} in ${withinMs / 1000} s. Look at the connection, and at the server or proxy between.`,
  );
}

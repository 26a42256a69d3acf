import { inParallel } from '../transfer/parallel.ts';
import type { S3 } from './connection.ts';
import { partsOf, type Part } from './parts.ts';
import { receive, type BoundId, type Received, type Take } from './receive.ts';

/** Ranges of one object at once; the budget of the connection limits all of them together. */
const RANGES_AT_ONCE = 8;

/**
 * Reads a large object of known size in several ranges at once, because one connection seldom fills the line. A range is
 * held in memory until those before it have been taken. Only for an id that is bound to a version or an ETag. Throws like
 * `receive`.
 */
export async function receiveInRanges(
  s3: S3,
  id: BoundId,
  take: Take,
  bytes: number,
  onBytes: (bytes: number) => void,
): Promise<Received> {
  let before: Promise<unknown> = Promise.resolve();
  const [first] = await inParallel(partsOf(bytes), RANGES_AT_ONCE, (part) => {
    const previous = before;
    const own = s3.memory.with(part.bytes, async () => {
      const { content, received } = await receivePart(s3, id, part, onBytes);
      await previous;
      await take(content, part.start);
      return received;
    });
    before = own;
    return own;
  });
  return { bytes, etag: first?.etag ?? '', versionId: first?.versionId };
}

async function receivePart(
  s3: S3,
  id: BoundId,
  part: Part,
  onBytes: (bytes: number) => void,
): Promise<{ readonly content: Buffer; readonly received: Received }> {
  const content = Buffer.allocUnsafe(part.bytes);
  const received = await receive(
    s3,
    id,
    (chunk, at) => {
      chunk.copy(content, at);
      onBytes(chunk.length);
    },
    { range: part },
  );
  return { content: content.subarray(0, received.bytes), received };
}

import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError } from '../../action/errors.ts';
import type { FileDigest } from '../../digest/files.ts';
import type { Progress } from '../../transfer/progress.ts';

/** Up to here a file is read at once, in bytes. */
const SMALL = 1 << 20;
/** Small files are sent together in chunks of this size, in bytes. */
const CHUNK = 1 << 20;

/** Bytes to send, which can be begun anew for every try. */
export interface Source {
  readonly bytes: number;
  /** Streams the bytes; `digest` is asked once, when all of them were sent. */
  open(): { readonly stream: AsyncIterable<Buffer>; readonly digest: () => string };
}

/** A text or the like. */
export function sourceOf(content: Buffer): Source {
  return {
    bytes: content.byteLength,
    open: () => ({
      stream: (async function* () {
        yield content;
      })(),
      digest: () => createHash('sha256').update(content).digest('hex'),
    }),
  };
}

/** Files one after the other. The stream ends with `evidence-mismatch` when one is not what its digest says. */
export function sourceOfFiles(base: string, files: readonly FileDigest[], progress?: Progress): Source {
  let counted = 0;
  const count = (bytes: number): void => {
    counted += bytes;
    progress?.add(bytes);
  };
  return {
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    open() {
      // What has to be sent again counts once.
      count(-counted);
      const hash = createHash('sha256');
      return { stream: heard(together(base, files, hash), count), digest: () => hash.digest('hex') };
    },
  };
}

async function* heard(chunks: AsyncIterable<Buffer>, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    count(chunk.byteLength);
  }
}

async function* together(base: string, files: readonly FileDigest[], hash: Hash): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for (const file of files) {
    for await (const chunk of verified(base, file)) {
      hash.update(chunk);
      waiting.push(chunk);
      bytes += chunk.byteLength;
      if (bytes < CHUNK) continue;
      yield Buffer.concat(waiting);
      waiting = [];
      bytes = 0;
    }
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

async function* verified(base: string, file: FileDigest): AsyncGenerator<Buffer> {
  const absolute = path.join(base, file.path);
  const hash = createHash('sha256');
  let left = file.bytes;
  for await (const chunk of chunksOf(absolute, file.bytes)) {
    hash.update(chunk);
    left -= chunk.byteLength;
    // More than it had would not fit into what was announced.
    if (left < 0) break;
    yield chunk;
  }
  if (left === 0 && hash.digest('hex') === file.sha256) return;
  throw new UserError(
    'evidence-mismatch',
    `The file ${absolute} changed while it was stored. Find out what writes to it, then train and register the model again.`,
    { decision: 'fail' },
  );
}

async function* chunksOf(file: string, bytes: number): AsyncGenerator<Buffer> {
  if (bytes <= SMALL) yield await readFile(file);
  else yield* createReadStream(file, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>;
}

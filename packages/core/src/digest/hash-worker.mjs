// Digests files synchronously, which is the fastest way to read many small ones. It is plain JavaScript, because it is
// also the program of the worker threads that parallel.ts starts.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** DVC 2.x decides for each chunk of this size whether it is text. */
const CHUNK = 1 << 20;
/** How much of a chunk DVC 2.x looks at (dvc_data/hashfile/istextfile.py). */
const LOOKED_AT = 512;
const CR = 0x0d;
const LF = 0x0a;
const buffer = Buffer.allocUnsafeSlow(CHUNK);

/** How a Git LFS pointer begins (git-lfs, docs/spec.md); it is shorter than 1,024 bytes. */
const POINTER = Buffer.from('version https://git-lfs.github.com/spec/v1\n');
const LONGEST_POINTER = 1024;

/** Returns hex digest and size of a file's bytes, and whether they are a Git LFS pointer. `algorithm`: sha256, md5 or md5-dos2unix. Throws system errors. */
export function hashFile(algorithm, file) {
  const legacy = algorithm === 'md5-dos2unix';
  const hash = createHash(legacy ? 'md5' : algorithm);
  const descriptor = openSync(file, 'r');
  let bytes = 0;
  try {
    for (;;) {
      const length = fill(descriptor);
      const chunk = buffer.subarray(0, length);
      hash.update(legacy && isText(chunk) ? withoutCarriageReturns(chunk) : chunk);
      bytes += length;
      if (length < CHUNK)
        return { hex: hash.digest('hex'), bytes, isPointer: bytes === length && isPointer(chunk) };
    }
  } finally {
    closeSync(descriptor);
  }
}

function isPointer(chunk) {
  return chunk.length < LONGEST_POINTER && chunk.subarray(0, POINTER.length).equals(POINTER);
}

/** Reads until the buffer is full or the file has ended: a chunk's limits decide what DVC 2.x computes. */
function fill(descriptor) {
  let length = 0;
  while (length < CHUNK) {
    const read = readSync(descriptor, buffer, length, CHUNK - length, null);
    if (read === 0) break;
    length += read;
  }
  return length;
}

/** Perl's rule: no NUL, and at most 30 % that is neither printable ASCII nor one of \n \r \t \f \b. */
function isText(chunk) {
  const block = chunk.subarray(0, LOOKED_AT);
  if (block.includes(0)) return false;
  let others = 0;
  for (const byte of block) {
    const text =
      (byte >= 0x20 && byte < 0x7f) || byte === 8 || byte === 9 || byte === LF || byte === 12 || byte === CR;
    if (!text) others++;
  }
  return others <= 0.3 * block.length;
}

function withoutCarriageReturns(chunk) {
  const kept = Buffer.allocUnsafe(chunk.length);
  let length = 0;
  for (let i = 0; i < chunk.length; i++) {
    if (chunk[i] === CR && chunk[i + 1] === LF) continue;
    kept[length++] = chunk[i];
  }
  return kept.subarray(0, length);
}

function answer(algorithm, file) {
  try {
    return hashFile(algorithm, file);
  } catch (error) {
    return { failure: { message: error.message, code: error.code, path: file } };
  }
}

if (workerData?.program === 'hash-files') {
  parentPort.on('message', ({ algorithm, files }) => {
    parentPort.postMessage(files.map((file) => answer(algorithm, file)));
  });
}

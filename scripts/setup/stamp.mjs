import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

/** A hash over the contents of files: what an installed folder was made from. */
export function fingerprint(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${path.basename(file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}

/** Whether `mark` was called with the same fingerprint. The stamp lies in the folder it is about, and goes with it. */
export function isMarked(stampFile, wanted) {
  try {
    return readFileSync(stampFile, 'utf8') === wanted;
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

export function mark(stampFile, wanted) {
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, wanted);
}

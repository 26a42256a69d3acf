import { stat } from 'node:fs/promises';
import { isMap, isSeq, type YAMLMap } from 'yaml';
import * as z from 'zod/mini';
import { hashFiles } from '../digest/parallel.ts';
import { digestFolder } from './listing.ts';
import type { Tracked } from './tracked.ts';
import { readYaml } from './yaml/read.ts';
import { NotWritableError, writeYaml } from './yaml/write.ts';

/** What DVC records of a file or folder. */
export interface NewRecord {
  readonly md5: string;
  readonly size: number;
  /** Number of files; only for a folder. */
  readonly nfiles?: number;
  readonly isexec?: true;
}

const EXECUTABLE = 0o111;

/** Digests a tracked file or folder as it is now; undefined when it is not there. `root` is the project's. */
export async function recordOf(root: string, { absolute }: Tracked): Promise<NewRecord | undefined> {
  const found = await stat(absolute).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.isDirectory()) {
    const { md5, bytes, files } = await digestFolder(root, absolute, 'md5');
    return { md5, size: bytes, nfiles: files.length };
  }
  const [hashed] = await hashFiles([absolute], 'md5');
  const executable = (found.mode & EXECUTABLE) === 0 ? {} : { isexec: true as const };
  return hashed && { md5: hashed.hex, size: hashed.bytes, ...executable };
}

/** Keys that say what the bytes were; those of a new record that are not set are taken away. */
const OF_BYTES = ['md5', 'size', 'nfiles', 'isexec', 'etag', 'version_id', 'cloud', 'files'];

/**
 * The text of a `.dvc` file or a dvc.lock with a new record of one output, as `dvc add` and `dvc commit` would write it.
 * Undefined when the file has no such output, or something that cannot be written as DVC does.
 */
export function renewRecord(
  text: string,
  { recorded, entry, origin }: Tracked,
  record: NewRecord,
): string | undefined {
  const { document } = readYaml(text, z.unknown(), recorded.name);
  const place = origin.kind === 'stage' ? ['stages', origin.stage, 'outs'] : ['outs'];
  const outs = document.getIn(place, true) ?? document.getIn(place.slice(1), true);
  const out = isSeq(outs)
    ? outs.items.find((item): item is YAMLMap => isMap(item) && item.get('path') === entry.path)
    : undefined;
  if (out === undefined || document.contents === null) return undefined;
  for (const key of OF_BYTES) if (!(key in record)) out.delete(key);
  for (const [key, value] of Object.entries({ ...record, hash: 'md5' })) {
    out.set(key, document.createNode(value));
  }
  try {
    return writeYaml(document.contents);
  } catch (error) {
    if (error instanceof NotWritableError) return undefined;
    throw error;
  }
}

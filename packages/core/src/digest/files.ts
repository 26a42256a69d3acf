import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { hashFiles, type HashedFile } from './parallel.ts';

/** A file of a model or data set: path relative to its root with `/`, size in bytes, sha256 in hex. */
export interface FileDigest {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The sha256 of a file's bytes in hex, read as a stream. */
export async function sha256File(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** The sha256 of a text or bytes in hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Digests every file below `root`, sorted by path in code-point order, `leaveOut` names excluded at the top level.
 * A symbolic link anywhere throws: its target is not part of what would be shipped.
 */
export async function digestTree(root: string, leaveOut: readonly string[] = []): Promise<FileDigest[]> {
  const relatives = (await listFiles(root, '', leaveOut)).sort(compareCodePoints);
  const hashed = await hashFiles(
    relatives.map((relative) => path.join(root, relative)),
    'sha256',
  );
  return relatives.map((relative, index) => {
    const { bytes, hex } = hashed[index] as HashedFile;
    return { path: relative, bytes, sha256: hex };
  });
}

/** Paths of the files below `root`, in no order. Throws NotAPlainFileError for a link anywhere. */
export async function listFiles(
  root: string,
  below = '',
  leaveOut: readonly string[] = [],
): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(path.join(root, below), { withFileTypes: true })) {
    if (leaveOut.includes(entry.name)) continue;
    const relative = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await listFiles(root, relative)));
    else if (entry.isFile()) found.push(relative);
    else throw new NotAPlainFileError(path.join(root, relative));
  }
  return found;
}

/** A link, socket or device where only plain files may be. */
export class NotAPlainFileError extends Error {
  readonly file: string;
  constructor(file: string) {
    super(
      `'${file}' is a symbolic link or special file. Only plain files can be digested; replace it by a copy.`,
    );
    this.name = 'NotAPlainFileError';
    this.file = file;
  }
}

/** Orders strings by code point, as Python and DVC do; JavaScript's default is by UTF-16 unit. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others, though U+E000 and the units behind it are greater numbers. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

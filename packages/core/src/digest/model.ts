import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import * as path from 'node:path';
import {
  NotAPlainFileError,
  compareCodePoints,
  digestTree,
  listFiles,
  sha256File,
  type FileDigest,
} from './files.ts';

/** A model's identity: the root digest (hex) and the files it covers; no other file belongs to the model. */
export interface ModelDigest {
  readonly sha256: string;
  readonly bytes: number;
  readonly files: readonly FileDigest[];
}

/** What OpenSSF model-signing leaves out of a model folder. */
const LEFT_OUT = ['.git', '.github', '.gitattributes', '.gitignore'];

/**
 * The OpenSSF model-signing root of a file or folder: sha256 over the concatenated raw sha256 digests of its files in
 * the order of their path segments, the subject digest of the statement that `model_signing` signs
 * (https://github.com/sigstore/model-transparency, `_signing/signing.py`). Throws NotAPlainFileError for a link and
 * EmptyModelError for a folder without files.
 */
export async function digestModel(modelPath: string): Promise<ModelDigest> {
  const info = await lstat(modelPath);
  if (info.isSymbolicLink()) throw new NotAPlainFileError(modelPath);
  const files = info.isDirectory()
    ? (await digestTree(modelPath, LEFT_OUT)).sort((a, b) => compareSegments(a.path, b.path))
    : [{ path: path.basename(modelPath), bytes: info.size, sha256: await sha256File(modelPath) }];
  if (files.length === 0) throw new EmptyModelError(modelPath);
  return { sha256: rootOf(files), bytes: files.reduce((sum, f) => sum + f.bytes, 0), files };
}

/** The model digest (hex) of files whose bytes have been digested already, in any order. */
export function modelDigestOf(files: readonly FileDigest[]): string {
  return rootOf([...files].sort((a, b) => compareSegments(a.path, b.path)));
}

function rootOf(sorted: readonly FileDigest[]): string {
  const root = createHash('sha256');
  for (const file of sorted) root.update(Buffer.from(file.sha256, 'hex'));
  return root.digest('hex');
}

/** What a model consists of. */
export interface ModelFiles {
  readonly kind: 'file' | 'folder';
  /** The folder that paths are relative to. */
  readonly base: string;
  /** Paths with `/`, of exactly the files that the digest covers, in no order. */
  readonly paths: readonly string[];
}

/** Lists the files of a model without reading them. Throws like `digestModel`. */
export async function listModel(modelPath: string): Promise<ModelFiles> {
  const info = await lstat(modelPath);
  if (info.isSymbolicLink()) throw new NotAPlainFileError(modelPath);
  if (!info.isDirectory())
    return { kind: 'file', base: path.dirname(modelPath), paths: [path.basename(modelPath)] };
  const paths = await listFiles(modelPath, '', LEFT_OUT);
  if (paths.length === 0) throw new EmptyModelError(modelPath);
  return { kind: 'folder', base: modelPath, paths };
}

/** Python compares paths segment by segment, so `a/b` comes before `a-b` although `-` comes before `/`. */
function compareSegments(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = compareCodePoints(left[i] as string, right[i] as string);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** A model folder without a single file. */
export class EmptyModelError extends Error {
  constructor(modelPath: string) {
    super(`The model folder '${modelPath}' holds no files.`);
    this.name = 'EmptyModelError';
  }
}

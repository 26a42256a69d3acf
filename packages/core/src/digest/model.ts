import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import * as path from 'node:path';
import { NotAPlainFileError, digestTree, sha256File, type FileDigest } from './files.ts';

/** A model's identity: the root digest (hex) and the files it covers. */
export interface ModelDigest {
  readonly sha256: string;
  readonly bytes: number;
  readonly files: readonly FileDigest[];
}

/** What OpenSSF model-signing leaves out of a model folder. */
const LEFT_OUT = ['.git', '.github', '.gitattributes', '.gitignore'];

/**
 * The OpenSSF model-signing root of a file or folder: sha256 over the concatenated raw sha256 digests of its files in
 * path order, the subject digest of the statement that `model_signing` signs
 * (https://github.com/sigstore/model-transparency, `_signing/signing.py`). Throws NotAPlainFileError for a link and
 * EmptyModelError for a folder without files.
 */
export async function digestModel(modelPath: string): Promise<ModelDigest> {
  const info = await lstat(modelPath);
  if (info.isSymbolicLink()) throw new NotAPlainFileError(modelPath);
  const files = info.isDirectory()
    ? await digestTree(modelPath, LEFT_OUT)
    : [{ path: path.basename(modelPath), bytes: info.size, sha256: await sha256File(modelPath) }];
  if (files.length === 0) throw new EmptyModelError(modelPath);
  const root = createHash('sha256');
  for (const file of files) root.update(Buffer.from(file.sha256, 'hex'));
  return { sha256: root.digest('hex'), bytes: files.reduce((sum, f) => sum + f.bytes, 0), files };
}

/** A model folder without a single file. */
export class EmptyModelError extends Error {
  constructor(modelPath: string) {
    super(`The model folder '${modelPath}' holds no files.`);
    this.name = 'EmptyModelError';
  }
}

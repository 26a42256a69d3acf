import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { compareCodePoints, sha256, type FileDigest } from './files.ts';
import { formatManifest, type ModelKind } from './manifest.ts';
import { hashFiles, type HashedFile } from './parallel.ts';
import { UnusableModelError } from './unusable.ts';

/** A model's identity and the files it covers; no other file belongs to the model. */
export interface ModelDigest {
  /** sha256 of the manifest, in hex: it binds contents and names. */
  readonly sha256: string;
  /** The OpenSSF model-signing root, in hex, which binds contents alone. */
  readonly signingRoot: string;
  readonly kind: ModelKind;
  readonly bytes: number;
  /** In the order of the signing root. */
  readonly files: readonly FileDigest[];
}

/** What OpenSSF model-signing leaves out of a model folder, and so do we. */
const LEFT_OUT = ['.git', '.github', '.gitattributes', '.gitignore'];

/**
 * Digests a model: a file, or a folder with its plain files. Throws UnusableModelError for what a digest of files cannot
 * tell: a link, no file at all, an empty folder, a name that is not UTF-8, a Git LFS pointer in place of the file.
 */
export async function digestModel(modelPath: string): Promise<ModelDigest> {
  const { kind, base, paths } = await listModel(modelPath);
  const hashed = await hashFiles(
    paths.map((relative) => path.join(base, relative)),
    'sha256',
  );
  const files = paths.map((relative, index) => {
    const { bytes, hex, isPointer } = hashed[index] as HashedFile;
    if (isPointer) {
      const file = path.join(base, relative);
      throw new UnusableModelError(
        file,
        `'${file}' is a Git LFS pointer, not the file itself. Run git lfs pull before (with actions/checkout: lfs: true).`,
      );
    }
    return { path: relative, bytes, sha256: hex };
  });
  files.sort((a, b) => compareSegments(a.path, b.path));
  return {
    sha256: modelDigestOf(kind, files),
    signingRoot: signingRootOf(files),
    kind,
    bytes: files.reduce((sum, f) => sum + f.bytes, 0),
    files,
  };
}

/** The model digest (hex) of files whose bytes have been digested already, in any order: the sha256 of their manifest. */
export function modelDigestOf(kind: ModelKind, files: readonly FileDigest[]): string {
  return sha256(formatManifest(kind, files));
}

/**
 * The OpenSSF model-signing root: sha256 over the concatenated raw sha256 digests of the files in the order of their path
 * segments, the subject digest of the statement that `model_signing` signs
 * (https://github.com/sigstore/model-transparency, `_signing/signing.py`).
 */
function signingRootOf(sorted: readonly FileDigest[]): string {
  const root = createHash('sha256');
  for (const file of sorted) root.update(Buffer.from(file.sha256, 'hex'));
  return root.digest('hex');
}

/** What a model consists of. */
export interface ModelFiles {
  readonly kind: ModelKind;
  /** The folder that paths are relative to. */
  readonly base: string;
  /** Paths with `/`, of exactly the files that the digest covers, in no order. */
  readonly paths: readonly string[];
}

/** Lists the files of a model without reading them. Throws like `digestModel`. */
export async function listModel(modelPath: string): Promise<ModelFiles> {
  const info = await lstat(modelPath);
  if (!info.isDirectory()) {
    if (!info.isFile()) throw notPlain(modelPath);
    return { kind: 'file', base: path.dirname(modelPath), paths: [path.basename(modelPath)] };
  }
  const paths = await listBelow(modelPath, '', LEFT_OUT);
  if (paths.length === 0)
    throw new UnusableModelError(modelPath, `The model folder '${modelPath}' holds no files.`);
  return { kind: 'folder', base: modelPath, paths };
}

async function listBelow(root: string, below: string, leaveOut: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(path.join(root, below), { withFileTypes: true, encoding: 'buffer' });
  for (const entry of entries) {
    const name = nameOf(entry.name, path.join(root, below));
    if (leaveOut.includes(name)) continue;
    const relative = below === '' ? name : `${below}/${name}`;
    if (entry.isDirectory()) {
      const inside = await listBelow(root, relative, []);
      if (inside.length === 0) {
        const empty = path.join(root, relative);
        throw new UnusableModelError(
          empty,
          `'${empty}' is an empty folder, which a digest of files cannot name and a store would lose. Remove it, or put a file into it, such as an empty .keep.`,
        );
      }
      found.push(...inside);
    } else if (entry.isFile()) found.push(relative);
    else throw notPlain(path.join(root, relative));
  }
  return found;
}

function notPlain(file: string): UnusableModelError {
  return new UnusableModelError(
    file,
    `'${file}' is a symbolic link or special file. Only plain files can be digested; replace it by a copy.`,
  );
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function nameOf(bytes: Buffer, folder: string): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    const shown = JSON.stringify(bytes.toString('latin1'));
    throw new UnusableModelError(
      folder,
      `'${folder}' holds a file whose name is not UTF-8 (${shown}, read as Latin-1). Rename it.`,
      { cause: error },
    );
  }
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

/**
 * Digests what is kept in a folder of its own, such as in a store: of a model that is one file, that file. The digest
 * that is expected tells which it is, since a file and a folder that holds it differ. Throws like `digestModel`.
 */
export async function digestKept(folder: string, expected: string): Promise<ModelDigest> {
  const found = await digestModel(folder);
  const [only] = found.files;
  if (only === undefined || found.files.length > 1 || only.path.includes('/')) return found;
  const asFile = modelDigestOf('file', found.files);
  return asFile === expected ? { ...found, sha256: asFile, kind: 'file' } : found;
}

/** Where the model itself lies, of which `folder` keeps the files. */
export function keptPath(
  folder: string,
  { kind, files }: { readonly kind: ModelKind; readonly files: readonly FileDigest[] },
): string {
  const [only] = files;
  return kind === 'file' && only !== undefined ? path.join(folder, only.path) : folder;
}

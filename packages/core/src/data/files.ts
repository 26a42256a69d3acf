import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { nameWithin } from '../action/paths.ts';
import { glob, isDynamicPattern } from 'tinyglobby';
import { UserError } from '../action/errors.ts';
import { compareCodePoints, sha256 } from '../digest/files.ts';
import { hashFiles, type HashedFile } from '../digest/parallel.ts';

/** A data file with its identity. */
export interface DataFile {
  /** Relative to the base folder, with `/`. */
  readonly path: string;
  readonly absolute: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Where it was read from; absent for a file that was here already. */
  readonly origin?: Origin;
}

/** An object elsewhere. `uri` is percent-encoded; without a version id its bytes may be overwritten there. */
export interface Origin {
  readonly uri: string;
  readonly versionId?: string;
}

/** Files that belong together, such as the training data. */
export interface FileSet {
  /** In code-point order of their paths, each once. */
  readonly files: readonly DataFile[];
  readonly bytes: number;
  /** sha256 (hex) over the lines `<sha256>  <path>\n` of the files: what `sha256sum FILES | sha256sum` prints. */
  readonly digest: string;
}

interface ExpandOptions {
  /** Absolute folder the patterns are relative to. */
  readonly base: string;
  /** How messages call the setting, such as "input 'data'". */
  readonly what: string;
  /** Resolves one path to an absolute one and throws when it leaves the workspace or is no file. */
  readonly inside: (given: string) => Promise<string>;
  /** Patterns whose files somebody has found and digested already. */
  readonly found?: ReadonlyMap<string, readonly DataFile[]>;
}

/**
 * Expands paths and globs to files with digests. A path that exists is taken as it is, even when it looks like a
 * glob. Throws `missing-file` for a pattern that matches nothing; what `inside` throws passes through.
 */
export async function expandFiles(patterns: readonly string[], options: ExpandOptions): Promise<FileSet> {
  const local = new Map<string, string>();
  for (const pattern of patterns.filter((each) => options.found?.has(each) !== true)) {
    for (const given of await matches(pattern, options)) {
      const absolute = await options.inside(given);
      local.set(nameWithin(options.base, absolute), absolute);
    }
  }
  const hashed = await hashFiles([...local.values()], 'sha256');
  const digested = [...local].map(([name, absolute], index) => {
    const { bytes, hex } = hashed[index] as HashedFile;
    return { path: name, absolute, bytes, sha256: hex };
  });
  return fileSet([...digested, ...patterns.flatMap((pattern) => options.found?.get(pattern) ?? [])]);
}

/** Sorts and digests files; of several with one path the last counts. */
function fileSet(all: readonly DataFile[]): FileSet {
  const byPath = new Map(all.map((file) => [file.path, file]));
  const files = [...byPath.values()].sort((a, b) => compareCodePoints(a.path, b.path));
  return {
    files,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    digest: digestOf(files),
  };
}

/** The digest of a set of sorted files. */
export function digestOf(files: readonly Pick<DataFile, 'path' | 'sha256'>[]): string {
  return sha256(files.map((file) => `${file.sha256}  ${file.path}\n`).join(''));
}

async function matches(pattern: string, { base, what }: ExpandOptions): Promise<string[]> {
  if (!isDynamicPattern(pattern) || (await isFile(path.resolve(base, pattern)))) return [pattern];
  const found = await glob(pattern, { cwd: base, onlyFiles: true, dot: true, expandDirectories: false });
  if (found.length > 0) return found;
  throw new UserError(
    'missing-file',
    `${what} is '${pattern}', which matches no file below ${base}. Check the pattern, and that an earlier step wrote the files.`,
  );
}

async function isFile(absolute: string): Promise<boolean> {
  return (await stat(absolute).catch(() => undefined))?.isFile() ?? false;
}

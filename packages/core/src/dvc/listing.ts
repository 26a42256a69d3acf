import { readdir, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { nameWithin } from '../action/paths.ts';
import { UserError } from '../action/errors.ts';
import { hashFiles, type HashedFile } from '../digest/parallel.ts';
import type { Entry } from './entry.ts';
import { readIgnored, type Ignored } from './ignore.ts';
import { treeDigest, type TreeEntry } from './tree.ts';

/** A folder as DVC sees it: its files with their md5, and what they come to. */
export interface DigestedFolder {
  readonly files: readonly TreeEntry[];
  /** `<md5>.dir` */
  readonly md5: string;
  readonly bytes: number;
}

/**
 * Digests a folder as DVC does: files only, links followed, without what `.dvcignore` names. Both paths are absolute.
 * Throws UserError `bad-config` for a `.dvcignore` inside of it, which DVC refuses too.
 */
export async function digestFolder(
  root: string,
  folder: string,
  algorithm: Entry['algorithm'],
): Promise<DigestedFolder> {
  const relatives = await listFolder(root, folder);
  const hashed = await hashFiles(
    relatives.map((relative) => path.join(folder, relative)),
    algorithm,
  );
  const files = relatives.map((relative, index) => ({
    path: relative,
    md5: (hashed[index] as HashedFile).hex,
  }));
  return { files, md5: treeDigest(files), bytes: hashed.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** The files of a folder that DVC counts, relative to it with `/`, in no order. */
export async function listFolder(root: string, folder: string): Promise<string[]> {
  const ignored = await readIgnored(root, path.dirname(folder));
  const place = nameWithin(root, folder);
  return list(folder, '', (relative) => ignored(`${place}/${relative}`));
}

async function list(folder: string, below: string, ignored: Ignored): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(path.join(folder, below), { withFileTypes: true })) {
    const relative = below === '' ? entry.name : `${below}/${entry.name}`;
    const absolute = path.join(folder, relative);
    const isDirectory = entry.isSymbolicLink() ? (await stat(absolute)).isDirectory() : entry.isDirectory();
    if (ignored(isDirectory ? `${relative}/` : relative)) continue;
    if (isDirectory) found.push(...(await list(folder, relative, ignored)));
    else if (entry.name === '.dvcignore') throw insideData(absolute);
    else found.push(relative);
  }
  return found;
}

function insideData(file: string): UserError {
  return new UserError(
    'bad-config',
    `There is a .dvcignore inside data that DVC tracks: ${file}. DVC refuses that; move its lines to a .dvcignore above the folder.`,
  );
}

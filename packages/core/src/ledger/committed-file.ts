import { open } from 'node:fs/promises';
import * as path from 'node:path';
import { isUserError } from '../action/errors.ts';
import { withChanges, type TwoCommits } from './difference.ts';
import type { HistoryGap } from './history.ts';
import type { RemoteAccess } from './remote.ts';
import type { Scratch } from './scratch.ts';

/** A file as the older of two commits has it. */
export type CommittedFile =
  /** `changed`: those of the watched files that the two commits have otherwise; undefined where the newer one has none of them. */
  | { readonly kind: 'saved'; readonly changed: readonly string[] | undefined }
  /** `keeper`: DVC's file there that says where the bytes are instead. */
  | { readonly kind: 'absent'; readonly isInNewer: boolean; readonly keeper?: string }
  /** Git has a pointer, and Git LFS has the bytes. */
  | { readonly kind: 'pointer' };

interface Request extends TwoCommits {
  /** From the top of the work tree. */
  readonly file: string;
  /** Absolute path of a copy to write. */
  readonly copy: string;
  /** Bytes of the longest file that is read. */
  readonly most: number;
  /** Tells by its path whether a file is watched. */
  readonly isWatched: (file: string) => boolean;
}

const POINTER = 'version https://git-lfs.github.com/spec/';

/**
 * Copies a file as the commit `from` has it, also out of a clone that lacks commit or file: these are fetched then. Throws
 * `bad-config` for a file that is too long or cannot be fetched.
 */
export async function committedFile(
  access: RemoteAccess,
  { file, copy, most, isWatched, ...commits }: Request,
  signal?: AbortSignal,
): Promise<CommittedFile | HistoryGap> {
  return withChanges(access, commits, signal, async (scratch, paths): Promise<CommittedFile> => {
    const found = await scratch.fetchFile(commits.from, file, most);
    if (found === undefined) {
      const isInNewer = await hasFile(scratch, commits.to, file);
      const keeper = await dvcFileFor(scratch, commits.from, file);
      return { kind: 'absent', isInNewer, ...(keeper === undefined ? {} : { keeper }) };
    }
    await scratch.saveFile(found, copy);
    if (await beginsWith(copy, POINTER)) return { kind: 'pointer' };
    const watched = paths.filter(isWatched);
    const isAny = watched.length > 0 || (await filesOf(scratch, commits.to)).some(isWatched);
    return { kind: 'saved', changed: isAny ? watched : undefined };
  });
}

async function filesOf(scratch: Scratch, commit: string): Promise<string[]> {
  const listed = await scratch.ask('ls-tree', '-r', '-z', '--full-tree', '--name-only', commit);
  return listed?.split('\0') ?? [];
}

async function hasFile(scratch: Scratch, commit: string, file: string): Promise<boolean> {
  const entry = await scratch.ask('ls-tree', '--full-tree', commit, '--', `:(literal)${file}`);
  return entry !== undefined && entry !== '';
}

/** The `.dvc` file beside it, or the dvc.lock in its folder or one above that names it. */
async function dvcFileFor(scratch: Scratch, commit: string, file: string): Promise<string | undefined> {
  if (await hasFile(scratch, commit, `${file}.dvc`)) return `${file}.dvc`;
  for (let folder = path.posix.dirname(file); ; folder = path.posix.dirname(folder)) {
    const lock = path.posix.join(folder, 'dvc.lock');
    const text = (await hasFile(scratch, commit, lock)) ? await textOf(scratch, commit, lock) : undefined;
    const named = text?.split('\n').map((line) => line.replace(/^[\s-]*path:\s*/, '').trim());
    if (named?.includes(path.posix.relative(folder, file)) === true) return lock;
    if (folder === '.' || folder === '/') return undefined;
  }
}

/** Of a file that is too long to be read nothing is known. */
async function textOf(scratch: Scratch, commit: string, file: string): Promise<string | undefined> {
  try {
    return await scratch.fetchText(commit, file);
  } catch (error) {
    if (isUserError(error) && error.reasonCode === 'bad-config') return undefined;
    throw error;
  }
}

async function beginsWith(file: string, text: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(text.length), 0, text.length, 0);
    return buffer.toString('latin1', 0, bytesRead) === text;
  } finally {
    await handle.close();
  }
}

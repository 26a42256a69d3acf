import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, open, readdir, type FileHandle } from 'node:fs/promises';
import * as path from 'node:path';
import { errorCode } from '../action/errors.ts';
import type { Log } from '../action/log.ts';
import { inParallel } from '../transfer/parallel.ts';
import { trackProgress, type Progress } from '../transfer/progress.ts';

/** More than the threads that Node has for files, so that none waits. */
const AT_ONCE = 16;
/** Up to here a file is copied in one step, in bytes. */
const AT_A_STRETCH = 16 << 20;
const CHUNK = 4 << 20;

/** Files that are copied from one folder to another. */
interface Copying {
  readonly from: string;
  readonly to: string;
  /** Relative paths with `/`. */
  readonly paths: readonly string[];
  /** What the log calls it. */
  readonly what: string;
  readonly log: Log;
  readonly signal: AbortSignal | undefined;
}

/** Copies files, some at a time, each of them on the disk when this returns. Memory does not grow with their number or size. */
export async function copyFiles({ from, to, paths, what, log, signal }: Copying): Promise<void> {
  const sizes = await inParallel(paths, AT_ONCE, async (name) => (await lstat(path.join(from, name))).size);
  const progress = trackProgress({ log, what, bytes: sizes.reduce((sum, size) => sum + size, 0) });
  const folders = new Set(paths.map((name) => path.dirname(path.join(to, name))));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  await inParallel(paths, AT_ONCE, async (name) => {
    signal?.throwIfAborted();
    await copyPlain(path.join(from, name), path.join(to, name), { progress, signal });
  });
  progress.done();
}

interface Following {
  readonly progress?: Progress;
  readonly signal: AbortSignal | undefined;
}

/** Copies one file that is not there yet, and has it on the disk. File systems that can share blocks do so. */
export async function copyPlain(from: string, to: string, { progress, signal }: Following): Promise<void> {
  const { size } = await lstat(from);
  if (size <= AT_A_STRETCH) await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  else if (!(await shareBlocks(from, to)))
    return copyInChunks(from, to, { ...(progress && { progress }), signal });
  await sync(to);
  progress?.add(size);
}

/** What says that two files cannot share blocks. */
const CANNOT_SHARE = ['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EINVAL', 'ENOTTY'];

async function shareBlocks(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch (error) {
    if (CANNOT_SHARE.includes(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/** In steps, so that a cancellation is heard and progress is seen. */
async function copyInChunks(from: string, to: string, { progress, signal }: Following): Promise<void> {
  const source = await open(from, 'r');
  try {
    const target = await open(to, 'wx');
    try {
      const buffer = Buffer.allocUnsafe(CHUNK);
      for (;;) {
        signal?.throwIfAborted();
        const { bytesRead } = await source.read(buffer, 0, CHUNK);
        if (bytesRead === 0) break;
        await writeAll(target, buffer.subarray(0, bytesRead));
        progress?.add(bytesRead);
      }
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function writeAll(target: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.byteLength;)
    at += (await target.write(bytes, at, bytes.byteLength - at)).bytesWritten;
}

/** Has the names in a folder and below it on the disk; the files themselves are there already. */
export async function syncFolders(folder: string): Promise<void> {
  const children = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  await inParallel(children, 4, (entry) => syncFolders(path.join(folder, entry.name)));
  await sync(folder);
}

/** Has a file or folder on the disk. */
export async function sync(fileOrFolder: string): Promise<void> {
  const handle = await open(fileOrFolder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

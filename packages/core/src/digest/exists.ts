import { lstat } from 'node:fs/promises';
import { errorCode } from '../action/errors.ts';

/** Whether anything, a dangling link included, has this path. Throws when that cannot be told (EACCES …). */
export async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

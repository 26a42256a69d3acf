import * as path from 'node:path';
import { types } from 'node:util';
import { UserError, errorCode, errorMessage, isAccessRefused } from '../../action/errors.ts';

/** What to do about an error of the disk, by its code. */
const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free some space on it, or remove entries of models that nobody needs any more',
  EDQUOT: "The quota of the runner's user is used up. Free some space, or have it raised",
  EFBIG:
    'A file is larger than the file system or the limit of the process allows. Raise `ulimit -f` of the runner, or use a file system for large files',
  ENOENT: 'A part of the store is gone while it is used. Look for what cleans or moves that folder',
  EIO: 'The disk cannot be read or written. Look into the log of the kernel, and check the disk',
  ENOTDIR: 'A part of the path is a file. Correct the path of the store, or move that file away',
  EISDIR: 'A folder lies where a file belongs. Move it away',
  ELOOP: 'Links in the path lead in a circle. Correct the path of the store',
  ENAMETOOLONG:
    'A name has more than 255 bytes, or a path more than 4,096. Shorten the path of the store or the names in the model',
  EILSEQ: 'The disk does not take a name of the model. Choose names that it knows, such as ASCII',
  EINVAL:
    'The disk does not take a name or an operation. Choose names that it knows, and a local or NFS disk',
  EMFILE: 'The process has too many files open. Raise `ulimit -n` of the runner',
  ENFILE: 'The machine has too many files open. Raise fs.file-max',
  EMLINK: 'A folder has as many entries as the file system allows. Use another file system',
  ESTALE: 'The network disk was changed on its server. Mount it again',
  ETIMEDOUT: 'The network disk does not answer. Check its server and the network',
  EHOSTDOWN: 'The network disk does not answer. Check its server and the network',
  ENOTCONN: 'The network disk is not connected. Mount it again',
  ENXIO: 'The disk is not there any more. Check how it is mounted',
  ENODEV: 'The disk is not there any more. Check how it is mounted',
  EBUSY: 'Something else uses the file. Wait until it has ended, and run the step again',
};

/** Runs what uses the store in a folder, and turns what its disk said into what to do about it. */
export async function explained<T>(root: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw diskError(root, error) ?? error;
  }
}

/** The explanation of a system error about the store in `root`; undefined for any other error. */
export function diskError(root: string, error: unknown): UserError | undefined {
  const code = errorCode(error);
  if (code === undefined || error instanceof UserError || !concerns(root, error)) return undefined;
  const said = `The store dir:${root} cannot be used: ${errorMessage(error)}.`;
  if (isAccessRefused(error)) {
    const advice = "Give the runner's user read and write access to that folder.";
    return new UserError('no-permission', `${said} ${advice}`, { cause: error });
  }
  const remedy = REMEDIES[code];
  if (remedy === undefined) return undefined;
  return new UserError('service-unavailable', `${said} ${remedy}.`, { cause: error });
}

/** An error about a file elsewhere, such as one of the model, is not the store's. Without a path it may be. */
function concerns(root: string, error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  const paths = [pathOf(error, 'path'), pathOf(error, 'dest')].filter((file) => file !== undefined);
  return paths.length === 0 || paths.some((file) => !/^\.\.(?:\/|$)/.test(path.relative(root, file)));
}

function pathOf(error: object, key: 'path' | 'dest'): string | undefined {
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : undefined;
}

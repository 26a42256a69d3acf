import { randomUUID } from 'node:crypto';
import { chmod, mkdir, realpath, rename, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError, errorCode } from '../action/errors.ts';

/**
 * Makes a file of the workspace whole or not at all: `write` fills a temporary one beside it. Throws UserError
 * `bad-config` when its folder lies outside of `root`, also by a symbolic link: a `.dvc` file of a pull request must not
 * reach the rest of the machine.
 */
export async function putInPlace(
  root: string,
  absolute: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = path.dirname(absolute);
  const [inside, real] = await Promise.all([realpath(root), realFolder(folder)]);
  if (real !== inside && !real.startsWith(`${inside}${path.sep}`)) {
    throw new UserError(
      'bad-config',
      `DVC tracks ${absolute}, which lies outside of the project ${root}. Such data is not pulled; correct the path in the .dvc file, or remove the link.`,
    );
  }
  await mkdir(folder, { recursive: true });
  const temporary = path.join(folder, `.${randomUUID()}.pulled`);
  try {
    await write(temporary);
    await chmod(temporary, 0o644);
    await rename(temporary, absolute);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The real path of the deepest folder that exists, with the rest appended. */
async function realFolder(folder: string): Promise<string> {
  try {
    return await realpath(folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return path.join(await realFolder(path.dirname(folder)), path.basename(folder));
  }
}

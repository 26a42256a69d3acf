import { mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import * as path from 'node:path';
import { UserError, errorCode } from '../action/errors.ts';
import { isVersion } from '../action/names.ts';
import { exists } from '../digest/exists.ts';
import { releaseFolder, removeNamed } from './releases.ts';

/* A folder in which the link `current` points at one of the releases of a target's root, for a server to follow. */

const CURRENT = 'current';
const SWITCHING = `.${CURRENT}-`;

/**
 * The version that `current` in a folder points at, by default in the root itself; undefined when there is no link. Throws
 * `bad-config` when it is no link of ours.
 */
export async function readCurrent(root: string, folder = root): Promise<string | undefined> {
  const link = path.join(folder, CURRENT);
  let target: string;
  try {
    target = await readlink(link);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (errorCode(error) === 'EINVAL') {
      throw new UserError(
        'bad-config',
        `${link} is not a symbolic link. It has to be one, so that it can be switched at once; move it away and deploy again.`,
      );
    }
    throw error;
  }
  const version = path.basename(target);
  if (path.resolve(folder, target) === releaseFolder(root, version) && isVersion(version)) return version;
  throw new UserError(
    'bad-config',
    `${link} points at '${target}'. It has to point at ${path.relative(folder, releaseFolder(root, '<version>'))}; remove the link and deploy again.`,
  );
}

/** Points `current` at a release in one step that readers see either before or after; removes it for undefined. */
export async function switchCurrent(root: string, version: string | undefined, folder = root): Promise<void> {
  const link = path.join(folder, CURRENT);
  if (version === undefined) {
    await rm(link, { force: true });
    return;
  }
  const release = releaseFolder(root, version);
  if (!isVersion(version) || !(await exists(release))) {
    throw new UserError(
      'missing-file',
      `${release} does not exist, so '${CURRENT}' cannot be pointed at it. Deploy ${version} again to bring its bytes back.`,
    );
  }
  await mkdir(folder, { recursive: true });
  const temporary = path.join(folder, `${SWITCHING}${randomUUID()}`);
  await symlink(path.relative(folder, release), temporary);
  await rename(temporary, link);
}

/** Removes what runs left that were killed while they switched. Nobody else is at work while the lock is held. */
export async function sweepSwitches(folder: string): Promise<void> {
  await removeNamed(folder, SWITCHING);
}

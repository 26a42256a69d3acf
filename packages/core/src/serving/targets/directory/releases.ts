import { lstat, mkdir, readFile, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import * as path from 'node:path';
import * as z from 'zod/mini';
import { UserError, errorCode, errorMessage, isAccessRefused } from '../../../action/errors.ts';
import { isVersion } from '../../../action/names.ts';
import { exists } from '../../../digest/exists.ts';
import { digestKept } from '../../../digest/model.ts';
import type { Release } from '../../target.ts';

/*
 * The folder of a directory target:
 *
 *   releases/<version>/model/…        the bytes
 *   releases/<version>/release.json   {"model", "version", "model-digest"}
 *   current -> releases/<version>     the link that a server follows
 *   owner.json                        {"model", "environment"}
 */

const RELEASES = 'releases';
const CURRENT = 'current';
const STAGING = '.staging-';

const releaseFile = z.looseObject({
  model: z.string(),
  version: z.string(),
  'model-digest': z.string(),
});

export function modelFolder(root: string, version: string): string {
  return path.join(root, RELEASES, version, 'model');
}

/** The version `current` points at; undefined when there is no link. Throws `bad-config` when it is no link of ours. */
export async function readCurrent(root: string): Promise<string | undefined> {
  const link = path.join(root, CURRENT);
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
  if (path.dirname(path.resolve(root, target)) === path.join(root, RELEASES) && isVersion(version))
    return version;
  throw new UserError(
    'bad-config',
    `${link} points at '${target}'. It has to point at ${RELEASES}/<version>; remove the link and deploy again.`,
  );
}

/** Points `current` at a release in one step that readers see either before or after; removes it for undefined. */
export async function switchCurrent(root: string, version: string | undefined): Promise<void> {
  const link = path.join(root, CURRENT);
  if (version === undefined) {
    await rm(link, { force: true });
    return;
  }
  const release = path.join(root, RELEASES, version);
  if (!isVersion(version) || !(await exists(release))) {
    throw new UserError(
      'missing-file',
      `${release} does not exist, so '${CURRENT}' cannot be pointed at it. Deploy ${version} again to bring its bytes back.`,
    );
  }
  const temporary = path.join(root, `.${CURRENT}-${randomUUID()}`);
  await symlink(path.join(RELEASES, version), temporary);
  await rename(temporary, link);
}

/** Whether the release's folder holds exactly these bytes under this name. */
export async function holdsRelease(root: string, version: string, modelDigest: string): Promise<boolean> {
  if (!isVersion(version)) return false;
  try {
    const written = releaseFile.safeParse(
      JSON.parse(await readFile(path.join(root, RELEASES, version, 'release.json'), 'utf8')),
    );
    if (!written.success || written.data['model-digest'] !== modelDigest) return false;
    return (await digestKept(modelFolder(root, version), modelDigest)).sha256 === modelDigest;
  } catch (error) {
    // Whatever is wrong with the folder, the bytes are not the ones asked for and have to be fetched anew.
    if (errorCode(error) === 'EACCES') throw error;
    return false;
  }
}

/** Writes a release beside the others and moves it into place when it is whole. Throws what `fetch` throws. */
export async function writeRelease(root: string, release: Release): Promise<void> {
  if (!isVersion(release.version))
    throw new UserError('bad-input', `'${release.version}' is not a version such as v1.0.0.`);
  const releases = path.join(root, RELEASES);
  const temporary = path.join(releases, `${STAGING}${randomUUID()}`);
  try {
    await mkdir(temporary, { recursive: true });
    await release.fetch(temporary);
    const found = (await digestKept(path.join(temporary, 'model'), release.modelDigest)).sha256;
    if (found !== release.modelDigest) {
      throw new UserError(
        'evidence-mismatch',
        `The fetched bytes of ${release.version} have the digest sha256:${found}; the ledger says sha256:${release.modelDigest}.`,
      );
    }
    const content = {
      model: release.model,
      version: release.version,
      'model-digest': release.modelDigest,
    };
    await writeFile(path.join(temporary, 'release.json'), JSON.stringify(content, undefined, 2) + '\n');
    await replaceFolder(path.join(releases, release.version), temporary);
  } catch (error) {
    throw permissionError(error, root);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The folder's name is never without its bytes for longer than one rename. */
async function replaceFolder(folder: string, replacement: string): Promise<void> {
  const aside = `${replacement}-replaced`;
  if (await exists(folder)) await rename(folder, aside);
  await rename(replacement, folder);
  await rm(aside, { recursive: true, force: true });
}

/** Versions on disk, the one staged last first. */
export async function listReleases(root: string): Promise<string[]> {
  const names = await namesIn(path.join(root, RELEASES));
  const dated = await Promise.all(
    names.filter(isVersion).map(async (version) => ({
      version,
      changed: (await lstat(path.join(root, RELEASES, version))).mtimeMs,
    })),
  );
  return dated
    .sort((a, b) => b.changed - a.changed || b.version.localeCompare(a.version))
    .map((d) => d.version);
}

export async function removeRelease(root: string, version: string): Promise<void> {
  await rm(path.join(root, RELEASES, version), { recursive: true, force: true });
}

/** Removes what runs left that were killed while they staged or switched. Nobody else is at work while the lock is held. */
export async function sweepLeftovers(root: string): Promise<void> {
  for (const [folder, prefix] of [
    [root, `.${CURRENT}-`],
    [path.join(root, RELEASES), STAGING],
  ] as const) {
    for (const name of (await namesIn(folder)).filter((entry) => entry.startsWith(prefix)))
      await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function permissionError(error: unknown, root: string): unknown {
  if (!isAccessRefused(error)) return error;
  return new UserError(
    'no-permission',
    `The target folder ${root} cannot be written: ${errorMessage(error)}. Give the runner's user write access to it.`,
    { cause: error },
  );
}

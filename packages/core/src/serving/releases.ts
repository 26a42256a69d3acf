import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import * as path from 'node:path';
import * as z from 'zod/mini';
import { UserError, errorCode, errorMessage, isAccessRefused } from '../action/errors.ts';
import { isVersion } from '../action/names.ts';
import { exists } from '../digest/exists.ts';
import { digestKept } from '../digest/model.ts';
import { namesIn } from './names-in.ts';
import { areRecorded, lookAtFiles, recordFiles } from './file-record.ts';
import type { Proof, Release } from './target.ts';

/*
 * Releases in the folder of a target:
 *
 *   releases/<version>/model/…        the bytes
 *   releases/<version>/release.json   {"model", "version", "model-digest"}
 *   releases/<version>/files.json     what the file system said of the files when their digest was right
 */

const RELEASES = 'releases';
const STAGING = '.staging-';
const RECORD = 'files.json';

const releaseFile = z.looseObject({
  model: z.string(),
  version: z.string(),
  'model-digest': z.string(),
});

export function releaseFolder(root: string, version: string): string {
  return path.join(root, RELEASES, version);
}

export function modelFolder(root: string, version: string): string {
  return path.join(releaseFolder(root, version), 'model');
}

const recordFile = (root: string, version: string): string => path.join(releaseFolder(root, version), RECORD);

/** Whether the release's folder holds exactly these bytes under this name. */
export async function holdsRelease(
  root: string,
  version: string,
  modelDigest: string,
  proof: Proof = 'digest',
): Promise<boolean> {
  return (await proofOf(root, version, modelDigest, proof)) !== undefined;
}

/** As `holdsRelease`, for whoever has the lock: what was digested need not be digested again by a rollback. */
export async function findStaged(
  root: string,
  { version, modelDigest, proof = 'digest' }: Pick<Release, 'version' | 'modelDigest' | 'proof'>,
): Promise<boolean> {
  if (!isVersion(version)) return false;
  const folder = modelFolder(root, version);
  // What cannot be looked at is not as it was before.
  const look = await lookAtFiles(folder).catch(() => ({}));
  const found = await proofOf(root, version, modelDigest, proof);
  if (found === 'digest') await recordFiles(recordFile(root, version), folder, modelDigest, look);
  return found !== undefined;
}

/** What shows that the folder holds these bytes, the quicker proof where that is enough; undefined where nothing does. */
async function proofOf(
  root: string,
  version: string,
  modelDigest: string,
  enough: Proof,
): Promise<Proof | undefined> {
  if (!isVersion(version)) return undefined;
  try {
    const written = releaseFile.safeParse(
      JSON.parse(await readFile(path.join(releaseFolder(root, version), 'release.json'), 'utf8')),
    );
    if (!written.success || written.data['model-digest'] !== modelDigest) return undefined;
    const folder = modelFolder(root, version);
    if (enough === 'record' && (await areRecorded(recordFile(root, version), folder, modelDigest)))
      return 'record';
    return (await digestKept(folder, modelDigest)).sha256 === modelDigest ? 'digest' : undefined;
  } catch (error) {
    // Whatever is wrong with the folder, the bytes are not the ones asked for and have to be fetched anew.
    if (errorCode(error) === 'EACCES') throw error;
    return undefined;
  }
}

/** Writes a release beside the others and moves it into place when it is whole. Throws what `fetch` throws. */
export async function writeRelease(root: string, release: Release): Promise<void> {
  if (!isVersion(release.version))
    throw new UserError('bad-input', `'${release.version}' is not a version such as v1.0.0.`);
  const temporary = path.join(root, RELEASES, `${STAGING}${randomUUID()}`);
  try {
    await mkdir(temporary, { recursive: true });
    await release.fetch(temporary);
    const folder = path.join(temporary, 'model');
    const look = await lookAtFiles(folder);
    const found = (await digestKept(folder, release.modelDigest)).sha256;
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
    await recordFiles(path.join(temporary, RECORD), folder, release.modelDigest, look);
    await replaceFolder(releaseFolder(root, release.version), temporary);
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

/** Removes all but the releases spared and the newest others, `keep` in all; returns the versions removed. */
export async function retireReleases(
  root: string,
  spared: ReadonlySet<string | undefined>,
  keep: number,
): Promise<string[]> {
  const candidates = (await listReleases(root)).filter((version) => !spared.has(version));
  const removed = candidates.slice(Math.max(0, keep - spared.size));
  for (const version of removed) await rm(releaseFolder(root, version), { recursive: true, force: true });
  return removed;
}

/** Versions on disk, the one staged last first. */
async function listReleases(root: string): Promise<string[]> {
  const names = await namesIn(path.join(root, RELEASES));
  const dated = await Promise.all(
    names.filter(isVersion).map(async (version) => ({
      version,
      changed: (await lstat(releaseFolder(root, version))).mtimeMs,
    })),
  );
  return dated
    .sort((a, b) => b.changed - a.changed || b.version.localeCompare(a.version))
    .map((d) => d.version);
}

/** Removes what runs left that were killed while they staged. Nobody else is at work while the lock is held. */
export async function sweepReleases(root: string): Promise<void> {
  await removeNamed(path.join(root, RELEASES), STAGING);
}

/** Removes everything in a folder whose name begins so. */
export async function removeNamed(folder: string, prefix: string): Promise<void> {
  for (const name of (await namesIn(folder)).filter((entry) => entry.startsWith(prefix)))
    await rm(path.join(folder, name), { recursive: true, force: true });
}

function permissionError(error: unknown, root: string): unknown {
  if (!isAccessRefused(error)) return error;
  return new UserError(
    'no-permission',
    `The target folder ${root} cannot be written: ${errorMessage(error)}. Give the runner's user write access to it.`,
    { cause: error },
  );
}

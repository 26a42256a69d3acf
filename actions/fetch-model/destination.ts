import { randomUUID } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import * as path from 'node:path';
import { makeFolderBelow, moveBelow, refuseLinks, removeBelow } from '@sluice/core/action/below.ts';
import { UserError, errorCode } from '@sluice/core/action/errors.ts';
import { digestKept, keptPath, type ModelDigest } from '@sluice/core/digest/model.ts';
import { UnusableModelError } from '@sluice/core/digest/unusable.ts';
import { exists } from '@sluice/core/digest/exists.ts';
import type { Reason } from './definition.ts';
import type { FetchRequest } from './inputs.ts';

/** Where a model is to go; the workspace is what no link may lead out of. */
export interface Destination extends Pick<FetchRequest, 'folder' | 'path'> {
  readonly workspace: string;
}

/** A model that lies in a folder of the checkout. */
export interface Placed {
  /** Absolute path: of a model that is one file, that file, else the folder. */
  readonly modelPath: string;
  readonly bytes: number;
  readonly files: number;
}

/**
 * What lies at the destination: the model with this digest, or nothing, or an empty folder (undefined). Throws UserError
 * `path-taken` for anything else, and `bad-input` for a link on the way.
 */
export async function alreadyPlaced(
  { workspace, folder, path: given }: Destination,
  digest: string,
): Promise<Placed | undefined> {
  await refuseLinks(workspace, folder);
  if (!(await exists(folder))) return undefined;
  if (!(await lstat(folder)).isDirectory()) throw taken(given, 'a file');
  if ((await readdir(folder)).length === 0) return undefined;
  const found = await digestThere(folder, digest);
  if (found?.sha256 === digest) return placed(folder, found);
  throw taken(given, `other files than those of the model sha256:${digest}`);
}

/** Has `fetch` write the model into a folder beside the destination, and moves it there when all of it is right. */
export async function place(
  { workspace, folder, path: given }: Destination,
  digest: string,
  fetch: (scratch: string) => Promise<{ readonly modelPath: string }>,
): Promise<Placed> {
  const scratch = path.join(path.dirname(folder), `.${path.basename(folder)}.${randomUUID()}`);
  try {
    await makeFolderBelow(workspace, scratch);
    const { modelPath } = await fetch(scratch);
    const kept = (await lstat(modelPath)).isDirectory() ? modelPath : path.dirname(modelPath);
    const found = await digestKept(kept, digest);
    if (found.sha256 !== digest) {
      throw new UserError<Reason>(
        'evidence-mismatch',
        `The bytes that were fetched have the digest sha256:${found.sha256}; the ledger says sha256:${digest}. Do not use them; find out what writes to ${path.dirname(folder)}.`,
        { decision: 'fail' },
      );
    }
    await moveBelow(workspace, kept, folder).catch((error: unknown) => {
      // Somebody wrote there meanwhile.
      if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errorCode(error) ?? ''))
        throw taken(given, 'something');
      throw error;
    });
    return placed(folder, found);
  } finally {
    await removeBelow(workspace, scratch);
  }
}

/** The digest of what lies in a folder; undefined for what cannot be a model. */
async function digestThere(folder: string, digest: string): Promise<ModelDigest | undefined> {
  try {
    return await digestKept(folder, digest);
  } catch (error) {
    if (error instanceof UnusableModelError) return undefined;
    throw error;
  }
}

function placed(folder: string, found: ModelDigest): Placed {
  return { modelPath: keptPath(folder, found), bytes: found.bytes, files: found.files.length };
}

function taken(given: string, what: string): UserError<Reason> {
  return new UserError<Reason>(
    'path-taken',
    `Input 'path' is '${given}', and ${what} lies there already. Nothing was changed. Set 'path' to a folder that does not exist or is empty, or remove what lies there in a step before.`,
  );
}

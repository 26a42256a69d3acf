import { readFile, mkdir, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as z from 'zod/mini';
import { UserError, errorCode } from '../action/errors.ts';
import { parseJson } from '../action/json.ts';

/** Whose folder it is. */
export interface FolderOwner {
  readonly model: string;
  readonly environment: string;
}

const OWNER = 'owner.json';

const ownerFile = z.looseObject({ model: z.string(), environment: z.string() });

/**
 * Makes the folder that of a model's environment, the first time; throws UserError `bad-config` where it is another's. Two of them
 * on one folder would serve each other's versions, each with a lock of its own.
 */
export async function requireOwner(root: string, { model, environment }: FolderOwner): Promise<void> {
  const file = path.join(root, OWNER);
  await mkdir(root, { recursive: true });
  try {
    await writeFile(file, `${JSON.stringify({ model, environment }, undefined, 2)}\n`, { flag: 'wx' });
    return;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const found = ownerFile.safeParse(parseJson(await readFile(file, 'utf8')));
  if (found.success && found.data.model === model && found.data.environment === environment) return;
  const whose = found.success
    ? `that of ${found.data.model} in ${found.data.environment}`
    : 'whose, this file does not say';
  throw new UserError(
    'bad-config',
    `${root} is not the folder of ${model} in ${environment}: it is ${whose} (${file}). Give each model and environment a folder of its own; remove the file if the folder is to change hands.`,
  );
}

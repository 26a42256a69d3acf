import type { ActionContext } from '../../action/context.ts';
import { UserError, errorCode } from '../../action/errors.ts';
import { lstat } from 'node:fs/promises';
import * as path from 'node:path';

/** Where data from S3 lies in the working directory. */
export interface DataFolders {
  /** `<bucket>/<key>` below it: exactly what this run reads. */
  readonly data: string;
  /** Bytes by digest; a job may keep it for the next. */
  readonly cache: string;
  /** The file in which the steps of a run tell each other what they found. */
  readonly record: string;
}

/** How messages and statements name the folder of data. */
export const DATA_FOLDER = '.sluice/data';
const CACHE_FOLDER = '.sluice/cache/data';
const RECORD = '.sluice/data.json';

/** What the programs of a team are told: the absolute path of the folder of data. */
const VARIABLE = 'SLUICE_DATA';

/** The context in which programs find data from S3; the same one when there is none. */
export function withDataFolder<C extends Pick<ActionContext, 'env'>>(
  context: C,
  { folder }: { readonly folder?: string },
): C {
  return folder === undefined ? context : { ...context, env: { ...context.env, [VARIABLE]: folder } };
}

/** Files are written and removed below them, so a link among them is refused with `bad-input`. */
export async function dataFolders({ directory }: Pick<ActionContext, 'directory'>): Promise<DataFolders> {
  for (const name of ['.sluice', DATA_FOLDER, '.sluice/cache', CACHE_FOLDER, RECORD]) {
    const found = await lstat(path.join(directory, name)).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error;
      return undefined;
    });
    if (found?.isSymbolicLink() !== true) continue;
    throw new UserError(
      'bad-input',
      `'${name}' in the working directory is a symbolic link. Data from S3 is written there; remove the link.`,
    );
  }
  return {
    data: path.join(directory, DATA_FOLDER),
    cache: path.join(directory, CACHE_FOLDER),
    record: path.join(directory, RECORD),
  };
}

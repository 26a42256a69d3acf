import { refuseLinks } from '../../action/below.ts';
import type { ActionContext } from '../../action/context.ts';
import * as path from 'node:path';

/** Where data from S3 lies in the working directory. */
export interface DataFolders {
  /** The working directory, in which no link leads to any of them. */
  readonly root: string;
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
export async function dataFolders({
  directory: root,
}: Pick<ActionContext, 'directory'>): Promise<DataFolders> {
  const [data, cache, record] = [DATA_FOLDER, CACHE_FOLDER, RECORD].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const place of [data, cache, record]) await refuseLinks(root, place);
  return { root, data, cache, record };
}

import * as path from 'node:path';
import type { ActionContext } from '../action/context.ts';
import { UserError, isUserError } from '../action/errors.ts';
import { LIMITS, readBounded } from '../action/limits.ts';
import { insideWorkspace, nameWithin } from '../action/paths.ts';
import { linesOf, parseYaml } from '../schema/parse.ts';
import { configSchema, type Config } from './schema.ts';

const DEFAULT_FILE = 'sluice.yaml';

/** The parsed file and the folder that its paths are relative to. */
export interface LoadedConfig {
  readonly config: Config;
  /** Absolute; the working directory when there is no file. */
  readonly base: string;
  /** Absolute path of the file, absent when there is none. */
  readonly file?: string;
  /** The 1-based line of what is at a path of keys and indexes in the file; of what encloses it, where it is not there. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

/**
 * Reads sluice.yaml. The default file may be absent; one named by the input must exist. `${NAME}` stays as written:
 * `expand` fills it in where the value is used, so that a step needs only the variables it uses.
 */
export async function loadConfig(context: ActionContext): Promise<LoadedConfig> {
  const file = await findFile(context);
  if (file === undefined) {
    return { config: { version: 1 }, base: context.directory, lineOf: () => 1 };
  }
  const name = nameWithin(context.workspace, file);
  const read = await readBounded(file, { name, reason: 'bad-config', limit: LIMITS.settings });
  const text = read.toString('utf8');
  if (text.trim() === '')
    throw new UserError(
      'bad-config',
      `${path.basename(file)} is empty. Write at least 'version: 1', or delete it.`,
    );
  return {
    config: parseYaml(text, configSchema, { name, reason: 'bad-config' }),
    base: path.dirname(file),
    file,
    lineOf: linesOf(text),
  };
}

async function findFile({ workspace, directory, inputs }: ActionContext): Promise<string | undefined> {
  const given = inputs.config ?? DEFAULT_FILE;
  try {
    return await insideWorkspace(workspace, directory, given, { what: "input 'config'", kind: 'file' });
  } catch (error) {
    const absent = isUserError(error) && error.reasonCode === 'missing-file';
    if (absent && given === DEFAULT_FILE) return undefined;
    throw error;
  }
}

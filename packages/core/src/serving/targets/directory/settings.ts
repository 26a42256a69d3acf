import * as path from 'node:path';
import { splitCommand } from '../../../action/command-line.ts';
import { UserError } from '../../../action/errors.ts';
import { expand } from '../../../action/expand.ts';
import type { Section } from '../../../schema/section.ts';
import { readServerAddress, readReplicas } from '../../server-address.ts';
import type { ServerAddress } from '../../server.ts';
import type { TargetStep } from '../kind.ts';
import type { DirectoryConfig } from './schema.ts';

const DEFAULT_KEEP = 5;

/** A directory target as its section describes it. */
export interface DirectorySettings {
  /** Absolute path of the folder that holds `releases` and `current`. */
  readonly root: string;
  /** How many releases stay on disk. */
  readonly keep: number;
  /** Makes the server follow `current`; absent when it does so by itself. */
  readonly reload?: Reload;
  /** The server that follows `current`; absent when there is none to ask. */
  readonly server?: ServerAddress;
  /** Every replica that does. */
  readonly servers: readonly ServerAddress[];
}

/** The team's reload command. */
export interface Reload {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly timeoutMs: number;
}

/**
 * What a section says, with its `${NAME}` filled in and its paths absolute. Throws UserError `bad-config`, also on Windows,
 * where no link can be exchanged for another in one step.
 */
export function directorySettings(
  section: Section<DirectoryConfig>,
  step: TargetStep,
  platform: NodeJS.Platform = process.platform,
): DirectorySettings {
  const { value, name, folder } = section;
  if (platform === 'win32') {
    throw new UserError(
      'bad-config',
      `${name} is a directory target, which needs a link that can be switched in one step, and Windows has none. Run this job on Linux or macOS (runs-on), or use another target (docs/runners.md).`,
    );
  }
  const server = readServerAddress(section, step);
  const { env, timeoutMs } = step;
  return {
    root: path.resolve(folder, expand(value.path, `${name}.path`, env)),
    keep: value.keep ?? DEFAULT_KEEP,
    ...(value.reload === undefined
      ? {}
      : {
          reload: { argv: splitCommand(value.reload, {}, env, `${name}.reload`), cwd: folder, timeoutMs },
        }),
    ...(server === undefined ? {} : { server }),
    servers: readReplicas(section, step),
  };
}

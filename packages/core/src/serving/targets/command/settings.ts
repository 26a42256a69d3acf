import * as path from 'node:path';
import { splitCommand } from '../../../action/command-line.ts';
import { expand } from '../../../action/expand.ts';
import type { Section } from '../../../schema/section.ts';
import { readReplicas, readServerAddress, serverAddress } from '../../server-address.ts';
import type { ServerAddress } from '../../server.ts';
import type { TargetStep } from '../kind.ts';
import type { CommandConfig } from './schema.ts';

const DEFAULT_KEEP = 5;

/** A command target as its section describes it. */
export interface CommandSettings {
  /** Absolute path of the folder that holds `releases`. */
  readonly root: string;
  /** How many releases stay on disk. */
  readonly keep: number;
  readonly program: ProgramSettings;
  readonly capabilities: ReadonlySet<Capability>;
  /** The front door; absent when there is none to ask. */
  readonly server?: ServerAddress;
  readonly servers: readonly ServerAddress[];
  /** A server that the program names. Throws UserError `bad-config` for what is no URL. */
  readonly serverAt: (url: string) => ServerAddress;
}

type Capability = NonNullable<CommandConfig['capabilities']>[number];

/** The team's program. */
export interface ProgramSettings {
  /** How messages name it. */
  readonly place: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly timeoutMs: number;
}

/** What a section says, with its `${NAME}` filled in and its paths absolute. Throws UserError `bad-config`. */
export function commandSettings(section: Section<CommandConfig>, step: TargetStep): CommandSettings {
  const { value, name, folder } = section;
  const { env, timeoutMs } = step;
  const place = `${name}.run`;
  const server = readServerAddress(section, step);
  return {
    root: path.resolve(folder, expand(value.path, `${name}.path`, env)),
    keep: value.keep ?? DEFAULT_KEEP,
    program: { place, argv: splitCommand(value.run, {}, env, place), cwd: folder, timeoutMs },
    capabilities: new Set(value.capabilities),
    ...(server === undefined ? {} : { server }),
    servers: readReplicas(section, step),
    serverAt: (url) => serverAddress(section, url, `The url that ${place} answered`, step),
  };
}

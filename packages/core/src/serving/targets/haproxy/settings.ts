import * as path from 'node:path';
import { splitCommand } from '../../../action/command-line.ts';
import { UserError } from '../../../action/errors.ts';
import { expand } from '../../../action/expand.ts';
import type { Section } from '../../../schema/section.ts';
import { addressOf, readReplicas, readServerAddress } from '../../server-address.ts';
import type { ServerAddress } from '../../server.ts';
import type { TargetStep } from '../kind.ts';
import { parseRuntimeAddress, type RuntimeAddress } from './runtime.ts';
import type { HaproxyConfig } from './schema.ts';

const DEFAULT_KEEP = 5;
/** HAProxy answers from its memory. */
const LONGEST_RUNTIME_ANSWER_MS = 10_000;

/** The two servers by their part in haproxy.cfg. */
export interface Slots {
  readonly stable: string;
  readonly canary: string;
}

/** What is filled into the command that starts a release. */
export interface Starting {
  readonly slot: string;
  readonly 'model-path': string;
  readonly version: string;
}

/** A haproxy target as its section describes it. */
export interface HaproxySettings {
  readonly runtime: RuntimeAddress;
  readonly runtimeTimeoutMs: number;
  readonly backend: string;
  readonly slots: Slots;
  /** Absolute path of the folder that holds `releases` and `slots`. */
  readonly root: string;
  readonly start: {
    readonly argv: (starting: Starting) => readonly string[];
    readonly cwd: string;
    readonly timeoutMs: number;
  };
  /** HAProxy's frontend. */
  readonly server: ServerAddress;
  /** Every address that has to answer with the version: HAProxy's frontend, or those that are named beside it. */
  readonly servers: readonly ServerAddress[];
  /** Where a server answers by itself, when that is not where HAProxy reaches it. */
  readonly endpoints: ReadonlyMap<string, ServerAddress>;
  readonly route?: { readonly header: string; readonly map: string };
  /** What HAProxy reads the weights from when it is reloaded. */
  readonly stateFile: string;
  readonly keep: number;
  /** How long a server may take to come up. */
  readonly timeoutMs: number;
}

/** What a section says, with its `${NAME}` filled in and its paths absolute. Throws UserError `bad-config`. */
export function haproxySettings(section: Section<HaproxyConfig>, step: TargetStep): HaproxySettings {
  const { value, name, folder } = section;
  const { env, timeoutMs } = step;
  const filled = (key: 'socket' | 'path' | 'state-file', text: string): string =>
    expand(text, `${name}.${key}`, env);
  const { stable, canary } = value.servers;
  if (stable === canary) {
    throw new UserError(
      'bad-config',
      `${name}.servers names '${stable}' twice. Two servers take turns; name two.`,
    );
  }
  const socket = filled('socket', value.socket);
  const runtime = parseRuntimeAddress(socket);
  if (runtime === undefined) {
    throw new UserError(
      'bad-config',
      `${name}.socket is '${socket}'. Write the path of the socket, such as /run/haproxy.sock, or an address and port, such as 127.0.0.1:9999.`,
    );
  }
  const argv = ({ slot, 'model-path': modelPath, version }: Starting): string[] =>
    splitCommand(value.start, { slot, 'model-path': modelPath, version }, env, `${name}.start`);
  // What is wrong with it is said before anything is staged.
  argv({ slot: stable, 'model-path': '', version: '' });
  const server = readServerAddress(section, step);
  if (server === undefined) throw new Error('the schema asks for url');
  return {
    runtime: 'path' in runtime ? { path: path.resolve(folder, runtime.path) } : runtime,
    runtimeTimeoutMs: Math.min(LONGEST_RUNTIME_ANSWER_MS, timeoutMs),
    backend: value.backend,
    slots: { stable, canary },
    root: path.resolve(folder, filled('path', value.path)),
    start: { argv, cwd: folder, timeoutMs },
    server,
    servers: readReplicas(section, step),
    endpoints: endpointsOf(section, step),
    ...(value.route === undefined ? {} : { route: value.route }),
    stateFile: path.resolve(folder, filled('state-file', value['state-file'])),
    keep: value.keep ?? DEFAULT_KEEP,
    timeoutMs,
  };
}

function endpointsOf(section: Section<HaproxyConfig>, step: TargetStep): ReadonlyMap<string, ServerAddress> {
  const { endpoints, servers } = section.value;
  if (endpoints === undefined) return new Map();
  return new Map(
    (['stable', 'canary'] as const).map((part) => [
      servers[part],
      addressOf(section, endpoints[part], `endpoints.${part}`, step),
    ]),
  );
}

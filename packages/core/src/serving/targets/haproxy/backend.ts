import { rename, writeFile } from 'node:fs/promises';
import { UserError, errorMessage } from '../../../action/errors.ts';
import { requireFit, traitsOf } from './fitness.ts';
import { after, commandsFor, requireObeyed, requireSet, type Wanted } from './plan.ts';
import { haproxyRuntime } from './runtime.ts';
import type { HaproxySettings } from './settings.ts';
import { parseMap, parseServers, type Setup } from './setup.ts';
import { parseStat } from './stat.ts';

/** A backend of a running HAProxy with its two servers. */
export interface Backend {
  /** Where it is asked, as messages name it. */
  readonly place: string;
  /** Throws UserError where HAProxy cannot be asked, or has no such backend, server or map. */
  setUp(signal: AbortSignal): Promise<Setup>;
  /** Throws UserError `bad-config` where haproxy.cfg would not do what a rollout relies on. */
  requireFit(setup: Setup, signal: AbortSignal): Promise<void>;
  /** How many requests a server is answering now. */
  sessions(server: string, signal: AbortSignal): Promise<number>;
  /** Sets it up as wanted, reads that back and keeps it for the next reload. Throws UserError. */
  change(before: Setup, wanted: Wanted, signal: AbortSignal): Promise<void>;
}

/** Opens nothing yet: each question has a connection of its own. */
export function haproxyBackend(settings: HaproxySettings): Backend {
  const { backend, slots, route, stateFile } = settings;
  const both = [slots.stable, slots.canary];
  const runtime = haproxyRuntime(settings.runtime, settings.runtimeTimeoutMs);
  const { name: place } = runtime;
  const stateNow = (signal: AbortSignal): Promise<string> =>
    runtime.ask(`show servers state ${backend}`, signal);
  const statNow = async (type: 'backend' | 'servers', signal: AbortSignal): Promise<string> =>
    runtime.ask(`show stat ${backend} ${type === 'backend' ? 2 : 4} -1`, signal);

  async function setUp(signal: AbortSignal): Promise<Setup> {
    const servers = parseServers(await stateNow(signal), backend, place);
    const missing = both.find((name) => !servers.some((found) => found.name === name));
    if (missing !== undefined) {
      throw new UserError(
        'bad-config',
        `HAProxy's backend ${backend} has no server '${missing}'; it has ${servers.map(({ name }) => name).join(', ') || 'none'}. Write into target.servers what follows 'server' in haproxy.cfg.`,
      );
    }
    if (route === undefined) return { servers, routes: new Map() };
    return {
      servers,
      routes: parseMap(await runtime.ask(`show map ${route.map}`, signal), route.map, place),
    };
  }

  /** Servers take turns, so that the weights of haproxy.cfg, which a reload brings back, may be those of a candidate. */
  async function keepState(signal: AbortSignal): Promise<void> {
    const state = await stateNow(signal);
    const written = `${stateFile}.new`;
    try {
      await writeFile(written, `${state.trim()}\n`);
      await rename(written, stateFile);
    } catch (error) {
      throw new UserError(
        'no-permission',
        `${stateFile} cannot be written (target.state-file), so that a reload of HAProxy would change the weights: ${errorMessage(error)}. Give the runner's user write access to its folder.`,
        { cause: error },
      );
    }
  }

  return {
    place,
    setUp,
    async requireFit({ servers }, signal) {
      requireFit(slots, backend, servers, traitsOf(await statNow('backend', signal)));
    },
    async sessions(server, signal) {
      return Number(
        parseStat(await statNow('servers', signal))
          .get(server)
          ?.get('scur') ?? 0,
      );
    },
    async change(before, wanted, signal) {
      // Whether it can be kept is known before anything changes.
      await keepState(signal);
      const commands = commandsFor(backend, both, route?.map, wanted);
      requireObeyed(await runtime.ask(commands, signal), commands, place);
      requireSet(await setUp(signal), after(before, both, wanted), place);
      await keepState(signal);
    },
  };
}

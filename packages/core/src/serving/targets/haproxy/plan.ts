import { UserError } from '../../../action/errors.ts';
import type { Traffic } from '../../target.ts';
import { generationOf, getsRequests, percentOf, shown, type Setup } from './setup.ts';

/** The server of each version. */
export type Placed = ReadonlyMap<string, string>;

/** Where the requests are to go: parts of the traffic by server, and at most one value of the header. */
export interface Wanted {
  /** By server; none for 0. */
  readonly weights: ReadonlyMap<string, number>;
  readonly route?: { readonly value: string; readonly server: string };
}

/** What the map and HAProxy's command line read as one word. */
const ROUTABLE = /^[A-Za-z0-9][A-Za-z0-9._:=+/-]*$/;

/** Throws UserError `bad-config` for traffic that HAProxy cannot be told by weights and a map. */
export function requirePossible(
  { shares, mirror, key, route }: Traffic,
  configured: { readonly header: string } | undefined,
): void {
  const refuse = (problem: string): never => {
    throw new UserError('bad-config', problem);
  };
  if (mirror !== undefined)
    refuse("A haproxy target does not copy requests. Use the strategy 'canary', or another target.");
  if (key !== undefined)
    refuse(
      'A haproxy target does not split by the value of a header. Name one value: {ab: {header, value}}.',
    );
  const fraction = shares.find(({ weight }) => !Number.isInteger(weight));
  if (fraction !== undefined)
    refuse(
      `HAProxy has whole weights, and ${fraction.version} is to get ${fraction.weight} %. Write 1 to 100.`,
    );
  if (route === undefined) return;
  if (configured === undefined)
    return refuse(
      'HAProxy needs a map for requests with a header: set target.route: {header, map} and write its lines into haproxy.cfg (docs/targets.md).',
    );
  if (route.header.toLowerCase() !== configured.header.toLowerCase())
    refuse(
      `The strategy's header is ${route.header}, and haproxy.cfg looks up ${configured.header} (target.route.header). Write the same into both.`,
    );
  if (!ROUTABLE.test(route.value))
    refuse(
      `The header's value '${route.value}' cannot be written into HAProxy's map. Use letters, digits and . _ : = + / -`,
    );
}

/** The traffic by server. */
export function wantedOf({ shares, route }: Traffic, where: Placed): Wanted {
  const serverOf = (version: string): string => {
    const server = where.get(version);
    if (server === undefined) throw new Error(`${version} was not placed`);
    return server;
  };
  return {
    weights: new Map(shares.map(({ version, weight }) => [serverOf(version), weight])),
    ...(route === undefined ? {} : { route: { value: route.value, server: serverOf(route.version) } }),
  };
}

/** The versions that get more requests than before, with their servers. */
export function receiversOf({ weights, route }: Wanted, where: Placed, before: Setup): Placed {
  return new Map(
    [...where].filter(
      ([, server]) =>
        (weights.get(server) ?? 0) > percentOf(before, server) ||
        (route?.server === server && !getsRequests(before, server)),
    ),
  );
}

/**
 * The commands that lead from any set-up to the wanted one. What gets requests is let in before what gets none is let out, so that
 * somebody answers at any moment between two of them.
 */
export function commandsFor(
  backend: string,
  servers: readonly string[],
  map: string | undefined,
  { weights, route }: Wanted,
): string[] {
  const set = (server: string): string[] => {
    const weight = weights.get(server) ?? 0;
    return [
      `set weight ${backend}/${server} ${weight}`,
      `set server ${backend}/${server} state ${weight === 0 ? 'drain' : 'ready'}`,
    ];
  };
  const isIn = (server: string): boolean => (weights.get(server) ?? 0) > 0;
  return [
    ...servers.filter(isIn).flatMap(set),
    ...(map === undefined ? [] : [`clear map ${map}`]),
    ...servers.filter((server) => !isIn(server)).flatMap(set),
    ...(map === undefined || route === undefined ? [] : [`add map ${map} ${route.value} ${route.server}`]),
  ];
}

/** The set-up as it is to be; of servers that are not ours nothing changes. */
export function after(setup: Setup, servers: readonly string[], { weights, route }: Wanted): Setup {
  return {
    servers: setup.servers.map((server) =>
      servers.includes(server.name) ? { ...server, weight: weights.get(server.name) ?? 0 } : server,
    ),
    routes: new Map(route === undefined ? [] : [[route.value, route.server]]),
  };
}

/** Throws UserError when HAProxy answered the commands with anything, which is only ever a refusal. */
export function requireObeyed(answer: string, commands: readonly string[], place: string): void {
  if (answer.trim() === '') return;
  const said = shown(answer);
  const next = /static LB algorithm/.test(said)
    ? "Write 'balance roundrobin' into the backend of haproxy.cfg, whose weights can be changed while it runs"
    : 'Check target.backend, target.servers and target.route against haproxy.cfg';
  throw new UserError(
    'bad-config',
    `HAProxy at ${place} refused '${commands.join('; ')}': '${said}'. ${next}.`,
  );
}

/** Throws UserError when HAProxy is not set up as it was told. */
export function requireSet(found: Setup, expected: Setup, place: string): void {
  if (generationOf(found) === generationOf(expected)) return;
  throw new UserError(
    'service-unavailable',
    `HAProxy at ${place} is not as it was told: it has ${generationOf(found)}, and was to have ${generationOf(expected)}. Somebody else changes it; find out who.`,
  );
}

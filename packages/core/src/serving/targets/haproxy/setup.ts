import { isIP } from 'node:net';
import { UserError } from '../../../action/errors.ts';

/** One server of the backend as HAProxy has it now. */
export interface ServerState {
  readonly name: string;
  /** Undefined where HAProxy reaches it by no address and port. */
  readonly address?: { readonly host: string; readonly port: number; readonly tls: boolean };
  /** What it gets of the traffic, in parts: 0 while it is drained or in maintenance. */
  readonly weight: number;
  /** Its weight in haproxy.cfg, which a reload gives it. */
  readonly configuredWeight: number;
  /** Whether HAProxy would send requests to it: its checks pass, or there are none. */
  readonly isUp: boolean;
}

/** How HAProxy is set up to reach versions. */
export interface Setup {
  readonly servers: readonly ServerState[];
  /** Values of the header and the server that each leads to. */
  readonly routes: ReadonlyMap<string, string>;
}

/** In `srv_admin_state`: forced, inherited or configured maintenance or drain. What a name server says (0x20) is no setting. */
const TAKEN_OUT = 0x01 | 0x02 | 0x04 | 0x08 | 0x10;
/** In `srv_op_state`: starting, with less than its weight at first, and running. */
const UP = ['1', '2'];

/** Reads `show servers state <backend>`. Throws UserError `bad-config` for another answer. */
export function parseServers(answer: string, backend: string, runtime: string): ServerState[] {
  const lines = answer.split('\n').filter((line) => line.trim() !== '');
  const header = lines.find((line) => line.startsWith('# '));
  if (header === undefined) throw unreadable(answer, backend, runtime);
  const columns = header.slice(2).split(' ');
  return lines.slice(lines.indexOf(header) + 1).map((line) => {
    const cells = line.split(' ');
    const cell = (column: string): string => {
      const value = cells[columns.indexOf(column)];
      if (value === undefined) throw unreadable(line, backend, runtime);
      return value;
    };
    const number = (column: string): number => {
      const value = cell(column);
      if (!/^\d{1,9}$/.test(value)) throw unreadable(line, backend, runtime);
      return Number(value);
    };
    const ip = cell('srv_addr');
    const port = number('srv_port');
    return {
      name: cell('srv_name'),
      ...(isIP(ip) === 0 || port === 0
        ? {}
        : {
            address: {
              host: isIP(ip) === 6 ? `[${ip}]` : ip,
              port,
              tls: columns.includes('srv_use_ssl') && cell('srv_use_ssl') === '1',
            },
          }),
      weight: (number('srv_admin_state') & TAKEN_OUT) === 0 ? number('srv_uweight') : 0,
      configuredWeight: number('srv_iweight'),
      isUp: UP.includes(cell('srv_op_state')),
    };
  });
}

/** Reads `show map <map>`: an address in memory, a key and a value in each line. */
export function parseMap(answer: string, map: string, runtime: string): Map<string, string> {
  const lines = answer.split('\n').filter((line) => line.trim() !== '');
  const entries = lines.map((line) => /^0x[0-9a-f]+ (\S+) (\S+)$/.exec(line));
  if (entries.every((entry) => entry !== null))
    return new Map(entries.map(([, key = '', value = '']) => [key, value]));
  throw new UserError(
    'bad-config',
    `HAProxy at ${runtime} does not say what is in the map ${map}: '${shown(answer)}'. target.route.map has to be the file as haproxy.cfg names it; the lines that it needs are in docs/targets.md.`,
  );
}

/** One line that changes with every change of what gets traffic, and that a person can read. */
export function generationOf({ servers, routes }: Setup): string {
  const parts = servers.map(({ name, address, weight }) => {
    const at = address === undefined ? '' : `@${address.host}:${address.port}`;
    return `${name}${at}=${weight}`;
  });
  const routed = [...routes].map(([value, server]) => `${value}->${server}`);
  return [...parts, ...routed.sort()].join(' ');
}

/** A server's part of the traffic in percent. */
export function percentOf({ servers }: Pick<Setup, 'servers'>, name: string): number {
  const sum = servers.reduce((total, { weight }) => total + weight, 0);
  const weight = servers.find((server) => server.name === name)?.weight ?? 0;
  return sum === 0 ? 0 : (100 * weight) / sum;
}

/** Whether any request gets to a server. */
export function getsRequests(setup: Setup, name: string): boolean {
  return percentOf(setup, name) > 0 || [...setup.routes.values()].includes(name);
}

/** Whether all is as haproxy.cfg has it, which is what HAProxy begins with. */
export function wasReset({ servers, routes }: Setup): boolean {
  return routes.size === 0 && servers.every(({ weight, configuredWeight }) => weight === configuredWeight);
}

function unreadable(answer: string, backend: string, runtime: string): UserError {
  if (/^(?:Can't find|No such) backend/m.test(answer)) {
    return new UserError(
      'bad-config',
      `HAProxy at ${runtime} has no backend '${backend}'. Write into target.backend what follows 'backend' in haproxy.cfg.`,
    );
  }
  return new UserError(
    'service-unavailable',
    `What answers at ${runtime} is no runtime API of HAProxy that can be read: '${shown(answer)}'. Check target.socket.`,
  );
}

/** The first line of an answer, short and without what a terminal would obey. */
export function shown(answer: string): string {
  const [line = ''] = answer.trim().split('\n');
  return line.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);
}

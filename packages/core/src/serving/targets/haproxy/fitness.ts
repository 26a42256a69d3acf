import { UserError } from '../../../action/errors.ts';
import type { Slots } from './settings.ts';
import type { ServerState } from './setup.ts';
import { parseStat } from './stat.ts';

/** What the row BACKEND of `show stat` says of a backend. */
export interface BackendTraits {
  /** How requests are spread, as `balance` names it. */
  readonly balance?: string;
  /** The cookie that keeps a client at its server. */
  readonly cookie?: string;
}

/** Reads `show stat`; a HAProxy that does not say has no traits. */
export function traitsOf(answer: string): BackendTraits {
  const row = parseStat(answer).get('BACKEND');
  const [balance = '', cookie = ''] = [row?.get('algo'), row?.get('cookie')];
  return { ...(balance === '' ? {} : { balance }), ...(cookie === '' ? {} : { cookie }) };
}

/** Their shares of the requests are their weights. */
const BY_WEIGHT = ['roundrobin', 'random'];

/**
 * Throws UserError `bad-config` where haproxy.cfg would not do what a rollout relies on: shares by weight, no traffic at 0,
 * and none for the canary after a reload. Each message has the line to write.
 */
export function requireFit(
  { stable, canary }: Slots,
  backend: string,
  servers: readonly ServerState[],
  { balance, cookie }: BackendTraits,
): void {
  const refuse = (problem: string): never => {
    throw new UserError('bad-config', `${problem} (backend ${backend} in haproxy.cfg), and reload HAProxy.`);
  };
  const weightOf = (name: string): number =>
    servers.find((server) => server.name === name)?.configuredWeight ?? 0;
  if (weightOf(canary) !== 0)
    refuse(
      `Server ${canary} is configured with the weight ${weightOf(canary)}, which a reload of HAProxy gives it again while it may be a candidate. Write 'weight 0' on its line`,
    );
  if (weightOf(stable) === 0)
    refuse(
      `Server ${stable} is configured with the weight 0 as well, so that nobody has traffic when HAProxy starts. Write 'weight 100' on its line`,
    );
  const other = servers.find(({ name, weight }) => name !== stable && name !== canary && weight > 0);
  if (other !== undefined)
    refuse(
      `Server ${other.name} has traffic, and is neither ${stable} nor ${canary}. Take it out, or write 'weight 0' on its line`,
    );
  if (balance !== undefined && !BY_WEIGHT.includes(balance))
    refuse(`'balance ${balance}' does not spread requests by weight. Write 'balance roundrobin'`);
  if (cookie !== undefined)
    refuse(
      `The cookie ${cookie} keeps clients at their server even when its weight is 0. Take the line 'cookie ${cookie} …' out`,
    );
}

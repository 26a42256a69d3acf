import { lstat } from 'node:fs/promises';
import * as path from 'node:path';
import { commandFailure, runCommand } from '../../../action/command.ts';
import { UserError, errorCode } from '../../../action/errors.ts';
import { readCurrent, sweepSwitches, switchCurrent } from '../../current.ts';
import { answerOf } from '../../answer.ts';
import { modelFolder } from '../../releases.ts';
import { allTo, type Answer } from '../../target.ts';
import { httpServer, type ModelServer } from '../../server.ts';
import type { OpeningStep } from '../kind.ts';
import type { HaproxySettings } from './settings.ts';
import type { Setup } from './setup.ts';

/*
 * What each server is to serve, in the folder of the target:
 *
 *   slots/<server>/current -> ../../releases/<version>
 */

/** A server and the version that it was last told to serve. */
export interface Slot {
  readonly name: string;
  readonly version?: string;
  /** When it was told, in ms; 0 for never. */
  readonly since: number;
}

/** Both slots, first the one that has all traffic in haproxy.cfg. */
export async function readSlots({ root, slots }: Pick<HaproxySettings, 'root' | 'slots'>): Promise<Slot[]> {
  return Promise.all(
    [slots.stable, slots.canary].map(async (name) => {
      const folder = slotFolder(root, name);
      const version = await readCurrent(root, folder);
      return { name, since: await changed(folder), ...(version === undefined ? {} : { version }) };
    }),
  );
}

function slotFolder(root: string, slot: string): string {
  return path.join(root, 'slots', slot);
}

/** The folder changes when its link is switched. */
async function changed(folder: string): Promise<number> {
  try {
    return (await lstat(folder)).mtimeMs;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 0;
    throw error;
  }
}

/**
 * The slot for a version to start in. Of those that get no request it is the one that was told to serve it before, else the
 * one that was told longest ago. Undefined when all are taken.
 */
export function slotFor(
  version: string,
  slots: readonly Slot[],
  taken: ReadonlySet<string>,
): string | undefined {
  const free = slots.filter(({ name }) => !taken.has(name)).sort((a, b) => a.since - b.since);
  return (free.find((slot) => slot.version === version) ?? free[0])?.name;
}

/** A slot's server by itself, past HAProxy. Throws UserError `bad-config` where nothing says where that is. */
export function serverOf(
  slot: string,
  { servers }: Setup,
  { server, endpoints }: Pick<HaproxySettings, 'server' | 'endpoints'>,
): ModelServer {
  const address = servers.find(({ name }) => name === slot)?.address;
  const named = endpoints.get(slot);
  if (named !== undefined) return httpServer(named);
  if (address !== undefined && !address.tls)
    return httpServer({ ...server, url: `http://${address.host}:${address.port}` });
  throw new UserError(
    'bad-config',
    `HAProxy does not reach server ${slot} by plain HTTP at an address, so nothing says where that answers by itself. Set target.endpoints: {stable: 'http://…', canary: 'http://…'}.`,
  );
}

/**
 * What a slot's server says by itself that it serves: what it was told to where it can only say that it is ready. Throws as
 * `serverOf` does.
 */
export async function askSlot(
  { name, version }: Pick<Slot, 'name' | 'version'>,
  setup: Setup,
  settings: Pick<HaproxySettings, 'server' | 'endpoints'>,
  signal: AbortSignal,
): Promise<Exclude<Answer, { readonly kind: 'not-asked' }>> {
  const server = serverOf(name, setup, settings);
  const answer = await answerOf(server, signal);
  if (answer.kind !== 'not-asked') return answer;
  const message = await server.notReady(signal);
  return message === undefined
    ? { kind: 'answered', shares: allTo(version) }
    : { kind: 'silent', message: `${server.url} is not ready: ${message}` };
}

/** Makes a slot's server serve a release, by the team's command. Throws UserError when that fails. */
export async function startIn(
  slot: string,
  version: string,
  { root, start }: Pick<HaproxySettings, 'root' | 'start'>,
  { env, log }: Pick<OpeningStep, 'env' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  const folder = slotFolder(root, slot);
  await sweepSwitches(folder);
  await switchCurrent(root, version, folder);
  const { argv, cwd, timeoutMs } = start;
  const place = 'target.start';
  const filled = argv({ slot, 'model-path': modelFolder(root, version), version });
  const end = await runCommand({ argv: filled, cwd, timeoutMs, env, log, signal, place, left: 'keep' });
  const failure = commandFailure(end, place);
  if (failure !== undefined) throw new UserError('verification-failed', failure);
}

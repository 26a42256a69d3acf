import { UserError } from '../../../action/errors.ts';
import { poll } from '../../../action/retry.ts';
import type { Release, Share } from '../../target.ts';
import type { OpeningStep } from '../kind.ts';
import type { Backend } from './backend.ts';
import type { Placed } from './plan.ts';
import type { HaproxySettings } from './settings.ts';
import { generationOf, getsRequests, percentOf, type Setup } from './setup.ts';
import { askSlot, readSlots, slotFor, startIn } from './slots.ts';

/** Time between two questions to what comes up or empties. */
const PAUSE_MS = 50;

/** Which version runs in which server, and how one gets there. */
export interface Places {
  /** The shares of the traffic by version. */
  intended(setup: Setup, signal: AbortSignal): Promise<Share[]>;
  /** The server that has a version, asked first where it was told to; undefined when it has to be started. */
  find(
    release: Pick<Release, 'version'> & Partial<Release>,
    setup: Setup,
    signal: AbortSignal,
  ): Promise<string | undefined>;
  /**
   * Starts a version in a server that gets no request and is none of `used`. Throws UserError when there is none, and when the
   * command fails.
   */
  start(version: string, setup: Setup, used: readonly string[], signal: AbortSignal): Promise<string>;
  /** Where each version of an order runs, started where it does not. */
  placed(versions: readonly string[], setup: Setup, signal: AbortSignal): Promise<Placed>;
  /** Waits until each server answers with its version by itself, and until HAProxy sees that it is up. Throws UserError. */
  receive(receivers: Placed, signal: AbortSignal): Promise<void>;
}

/** Asks the servers themselves, and starts versions in them by the team's command. */
export function haproxyPlaces(
  settings: HaproxySettings,
  backend: Backend,
  step: Pick<OpeningStep, 'env' | 'log'>,
): Places {
  const { slots, timeoutMs } = settings;
  const patience = { timeoutMs, pauseMs: PAUSE_MS };
  /** What this run has started, by server: what is still loading is not started once more. */
  const started = new Map<string, string>();

  async function intended(setup: Setup, signal: AbortSignal): Promise<Share[]> {
    const serving = (await readSlots(settings)).filter(({ name }) => percentOf(setup, name) > 0);
    const answers = await Promise.all(serving.map((slot) => askSlot(slot, setup, settings, signal)));
    const shares = new Map<string, number>();
    for (const [index, { name, version: told }] of serving.entries()) {
      const answer = answers[index];
      const version = answer?.kind === 'answered' ? answer.shares[0]?.version : told;
      if (version !== undefined) shares.set(version, (shares.get(version) ?? 0) + percentOf(setup, name));
    }
    return [...shares].map(([version, weight]) => ({ version, weight })).sort((a, b) => b.weight - a.weight);
  }

  async function find(
    { version, modelDigest }: Pick<Release, 'version'> & Partial<Release>,
    setup: Setup,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const all = await readSlots(settings);
    for (const slot of all.sort((a, b) => Number(b.version === version) - Number(a.version === version))) {
      if (started.get(slot.name) === version) return slot.name;
      const answer = await askSlot(slot, setup, settings, signal);
      if (answer.kind !== 'answered' || answer.shares[0]?.version !== version) continue;
      if (modelDigest === undefined || (answer.modelDigest ?? modelDigest) === modelDigest) return slot.name;
    }
    return undefined;
  }

  async function start(
    version: string,
    setup: Setup,
    used: readonly string[],
    signal: AbortSignal,
  ): Promise<string> {
    const taken = [slots.stable, slots.canary].filter((name) => getsRequests(setup, name));
    const slot = slotFor(version, await readSlots(settings), new Set([...taken, ...used]));
    if (slot === undefined) {
      throw new UserError(
        'bad-config',
        `${version} has nowhere to start: ${taken.join(' and ')} get requests (${generationOf(setup)}). Give one of them the weight 0 first: 'set weight ${settings.backend}/${slots.canary} 0' at ${backend.place}.`,
      );
    }
    const { met } = await poll(
      patience,
      signal,
      () => backend.sessions(slot, signal),
      (sessions) => sessions === 0,
    );
    if (!met)
      step.log.warning(
        `${slot} still answers requests after ${timeoutMs / 1000} s, and is started anew all the same.`,
      );
    await startIn(slot, version, settings, step, signal);
    started.set(slot, version);
    return slot;
  }

  async function placed(versions: readonly string[], setup: Setup, signal: AbortSignal): Promise<Placed> {
    const found = new Map<string, string>();
    for (const version of versions) {
      const slot = await find({ version }, setup, signal);
      if (slot !== undefined) found.set(version, slot);
    }
    for (const version of versions) {
      if (!found.has(version)) found.set(version, await start(version, setup, [...found.values()], signal));
    }
    return found;
  }

  async function receive(receivers: Placed, signal: AbortSignal): Promise<void> {
    const missing = async (): Promise<string | undefined> => {
      const setup = await backend.setUp(signal);
      for (const [version, slot] of receivers) {
        const answer = await askSlot({ name: slot, version }, setup, settings, signal);
        if (answer.kind === 'silent') return `${slot} does not answer by itself (${answer.message})`;
        const found = answer.shares[0]?.version;
        if (found !== version)
          return `${slot} answers with ${found ?? 'no version'}, and was to serve ${version}`;
        if (setup.servers.some(({ name, isUp }) => name === slot && !isUp))
          return `${slot} answers with ${version}, but HAProxy's check of it fails; compare 'option httpchk' of its backend with what the server answers`;
      }
      return undefined;
    };
    const { met, last = '' } = await poll(patience, signal, missing, (found) => found === undefined);
    if (!met)
      throw new UserError('verification-failed', `No traffic was moved: ${last}.`, { decision: 'fail' });
  }

  return { intended, find, start, placed, receive };
}

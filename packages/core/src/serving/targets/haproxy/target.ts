import { UserError } from '../../../action/errors.ts';
import { poll } from '../../../action/retry.ts';
import { answerOf } from '../../answer.ts';
import { raiseFence, readFence, requireFence } from '../../fence-file.ts';
import { requireOwner } from '../../folder-owner.ts';
import {
  findStaged,
  holdsRelease,
  modelFolder,
  retireReleases,
  sweepReleases,
  writeRelease,
} from '../../releases.ts';
import { httpServer } from '../../server.ts';
import {
  DriftedError,
  type Order,
  type Release,
  type ServingTarget,
  type Share,
  type Traffic,
} from '../../target.ts';
import type { OpeningStep } from '../kind.ts';
import { haproxyBackend } from './backend.ts';
import { receiversOf, requirePossible, wantedOf, type Placed } from './plan.ts';
import type { HaproxySettings } from './settings.ts';
import { generationOf, getsRequests, percentOf, wasReset, type Setup } from './setup.ts';
import { askSlot, readSlots, serverOf, slotFor, startIn } from './slots.ts';
import { haproxyWords } from './words.ts';

/** Time between two questions to what comes up or empties. */
const PAUSE_MS = 50;

/** Two servers behind HAProxy that take turns: one serves, the other is free for the next version. */
export function openHaproxy(settings: HaproxySettings, step: OpeningStep): ServingTarget {
  const { root, slots, keep, timeoutMs } = settings;
  const server = httpServer(settings.server);
  const backend = haproxyBackend(settings);
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

  /** The server that has a version, asked first where it was told to; undefined when it has to be started. */
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

  /** Starts a version in a server that gets no request, and that is not for another version of the same order. */
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

  /** Where each version of an order runs, started where it does not. */
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

  /** Waits until each server answers with its version by itself, and until HAProxy sees that it is up. */
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

  /** The set-up now, if the order still stands. Throws FencedError and DriftedError. */
  async function standing({ fence, generation }: Order, signal: AbortSignal): Promise<Setup> {
    await requireFence(root, fence);
    const setup = await backend.setUp(signal);
    const found = generationOf(setup);
    if (generation === undefined || generation === found) return setup;
    const who = wasReset(setup)
      ? `These are the weights of haproxy.cfg: HAProxy was reloaded, and has not read ${settings.stateFile}. The lines that make it do so are in docs/targets.md`
      : 'HAProxy does not tell who did it; look for other users of its runtime API';
    throw new DriftedError(`HAProxy has ${found}, and had ${generation} when this run looked. ${who}.`);
  }

  return {
    words: haproxyWords(settings),
    server,
    servers: settings.servers.map(httpServer),

    async live(signal) {
      const setup = await backend.setUp(signal);
      const [shares, answer] = await Promise.all([intended(setup, signal), answerOf(server, signal)]);
      return { intended: shares, answer, generation: generationOf(setup) };
    },

    async stage(release, signal) {
      await requireOwner(root, step);
      await backend.requireFit(await backend.setUp(signal), signal);
      const reused = await findStaged(root, release);
      if (!reused) {
        await sweepReleases(root);
        await writeRelease(root, release);
      }
      const setup = await backend.setUp(signal);
      const slot = await find(release, setup, signal);
      // What runs without a request may have loaded the bytes that were wrong.
      if (slot === undefined || (!reused && !getsRequests(setup, slot)))
        await start(release.version, setup, [], signal);
      return { modelPath: modelFolder(root, release.version), reused };
    },

    async endpoint(version) {
      const slot = (await readSlots(settings)).find((one) => one.version === version);
      if (slot === undefined) return undefined;
      return serverOf(slot.name, await backend.setUp(new AbortController().signal), settings);
    },

    fence: () => readFence(root),

    async raise(fence) {
      await requireOwner(root, step);
      await raiseFence(root, fence);
    },

    async shift(traffic: Traffic, order, signal) {
      requirePossible(traffic, settings.route);
      await requireOwner(root, step);
      const before = await standing(order, signal);
      const versions = [...traffic.shares, ...(traffic.route === undefined ? [] : [traffic.route])];
      const where = await placed([...new Set(versions.map(({ version }) => version))], before, signal);
      const wanted = wantedOf(traffic, where);
      await receive(receiversOf(wanted, where, before), signal);
      // Coming up may have taken minutes.
      const now = await standing({ ...order, generation: generationOf(before) }, signal);
      await backend.change(now, wanted, signal);
      if (traffic.route !== undefined) await requireRouted(traffic.route, settings, signal);
    },

    holds: (version, modelDigest, proof) => holdsRelease(root, version, modelDigest, proof),

    async retire(kept) {
      await sweepReleases(root);
      const told = (await readSlots(settings)).map(({ version }) => version);
      return retireReleases(root, new Set([...kept, ...told]), keep);
    },
  };
}

/** Throws UserError `bad-config` when a request with the header does not get to its version, whatever the map says. */
async function requireRouted(
  { header, value, version }: NonNullable<Traffic['route']>,
  { server, backend }: HaproxySettings,
  signal: AbortSignal,
): Promise<void> {
  const answer = await answerOf(httpServer({ ...server, headers: { [header]: value } }), signal);
  const found = answer.kind === 'answered' ? (answer.shares[0]?.version ?? 'no version') : undefined;
  if (answer.kind === 'not-asked' || found === version) return;
  throw new UserError(
    'bad-config',
    `A request with '${header}: ${value}' gets ${found ?? `no answer (${answer.kind === 'silent' ? answer.message : ''})`}, and is to get ${version}. The backend ${backend} of haproxy.cfg needs the two 'use-server' lines of docs/targets.md.`,
  );
}

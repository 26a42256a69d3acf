import { UserError } from '../../../action/errors.ts';
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
import { DriftedError, type Order, type ServingTarget, type Traffic } from '../../target.ts';
import type { OpeningStep } from '../kind.ts';
import { haproxyBackend } from './backend.ts';
import { haproxyPlaces } from './places.ts';
import { receiversOf, requirePossible, wantedOf } from './plan.ts';
import type { HaproxySettings } from './settings.ts';
import { generationOf, getsRequests, wasReset, type Setup } from './setup.ts';
import { readSlots, serverOf } from './slots.ts';
import { haproxyWords } from './words.ts';

/** Two servers behind HAProxy that take turns: one serves, the other is free for the next version. */
export function openHaproxy(settings: HaproxySettings, step: OpeningStep): ServingTarget {
  const { root, keep } = settings;
  const server = httpServer(settings.server);
  const backend = haproxyBackend(settings);
  const places = haproxyPlaces(settings, backend, step);

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
      const [shares, answer] = await Promise.all([places.intended(setup, signal), answerOf(server, signal)]);
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
      const slot = await places.find(release, setup, signal);
      // What runs without a request may have loaded the bytes that were wrong.
      if (slot === undefined || (!reused && !getsRequests(setup, slot)))
        await places.start(release.version, setup, [], signal);
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
      const where = await places.placed([...new Set(versions.map(({ version }) => version))], before, signal);
      const wanted = wantedOf(traffic, where);
      await places.receive(receiversOf(wanted, where, before), signal);
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

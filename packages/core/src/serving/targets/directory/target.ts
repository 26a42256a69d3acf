import { commandFailure, runCommand } from '../../../action/command.ts';
import { UserError } from '../../../action/errors.ts';
import type { OpeningStep } from '../kind.ts';
import { raiseFence, readFence, requireFence } from '../../fence-file.ts';
import { requireOwner } from '../../folder-owner.ts';
import { readCurrent, sweepSwitches, switchCurrent } from '../../current.ts';
import {
  findStaged,
  holdsRelease,
  modelFolder,
  retireReleases,
  sweepReleases,
  writeRelease,
} from '../../releases.ts';
import { answerOf } from '../../answer.ts';
import { httpServer } from '../../server.ts';
import type { DirectorySettings, Reload } from './settings.ts';
import { directoryWords } from './words.ts';
import { allTo, type LiveState, type Release, type ServingTarget } from '../../target.ts';

/** Releases side by side in one folder and a link that is switched at once; a server follows the link. */
export function openDirectory(settings: DirectorySettings, step: OpeningStep): ServingTarget {
  const { root, keep, reload } = settings;
  const server = settings.server === undefined ? undefined : httpServer(settings.server);
  return {
    words: directoryWords(settings),
    ...(server === undefined ? {} : { server }),
    servers: settings.servers.map(httpServer),

    async live(signal): Promise<LiveState> {
      const intended = allTo(await readCurrent(root));
      return { intended, answer: await answerOf(server, signal) };
    },

    async stage(release: Release) {
      await requireOwner(root, step);
      const modelPath = modelFolder(root, release.version);
      if (await findStaged(root, release)) return { modelPath, reused: true };
      // What a run left that died may be what fills the disk.
      await sweep(root);
      await writeRelease(root, release);
      return { modelPath, reused: false };
    },

    endpoint: () => Promise.resolve(undefined),

    fence: () => readFence(root),

    async raise(fence) {
      await requireOwner(root, step);
      await raiseFence(root, fence);
    },

    async shift({ shares }, { fence }, signal) {
      const [only, ...others] = shares;
      if (others.length > 0 || (only !== undefined && only.weight !== 100)) {
        throw new UserError(
          'bad-config',
          "A directory target serves one version at a time; it cannot split traffic. Use strategy 'direct'.",
        );
      }
      signal.throwIfAborted();
      await requireOwner(root, step);
      await requireFence(root, fence);
      await switchCurrent(root, only?.version);
      if (reload !== undefined) await runReload(reload, step, signal);
    },

    holds: (version, modelDigest, proof) => holdsRelease(root, version, modelDigest, proof),

    async retire(kept) {
      await sweep(root);
      return retireReleases(root, new Set([...kept, await readCurrent(root)]), keep);
    },
  };
}

async function sweep(root: string): Promise<void> {
  await sweepReleases(root);
  await sweepSwitches(root);
}

async function runReload(reload: Reload, { env, log }: OpeningStep, signal: AbortSignal): Promise<void> {
  const place = 'target.reload';
  const end = await runCommand({ ...reload, env, log, signal, place, left: 'keep' });
  const failure = commandFailure(end, place);
  if (failure !== undefined) throw new UserError('verification-failed', failure);
}

import { UserError } from '../../../action/errors.ts';
import { answerOf } from '../../answer.ts';
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
  FencedError,
  type Fence,
  type LiveState,
  type Proof,
  type ServingTarget,
} from '../../target.ts';
import type { OpeningStep } from '../kind.ts';
import { RefusedError, asker, type Ask } from './program.ts';
import type { CommandSettings } from './settings.ts';
import { commandWords } from './words.ts';

/**
 * A program of the team's moves the traffic; the verified bytes of each version are put where it finds them. Throws UserError
 * `bad-config` when the program cannot do what the section says it can.
 */
export async function openCommand(settings: CommandSettings, step: OpeningStep): Promise<ServingTarget> {
  const { root, keep, program } = settings;
  const ask = asker(settings, step);
  await requireCapabilities(settings, ask);
  const server = settings.server === undefined ? undefined : httpServer(settings.server);

  const intendedNow = async (signal?: AbortSignal) => {
    const { intended, generation } = await ask('live', {}, signal);
    const heaviestFirst = [...intended].sort((a, b) => b.weight - a.weight);
    return { intended: heaviestFirst, ...(generation === undefined ? {} : { generation }) };
  };
  const holds = async (version: string, modelDigest: string, proof?: Proof): Promise<boolean> =>
    (await holdsRelease(root, version, modelDigest, proof)) &&
    (await ask('holds', about(root, version, modelDigest))).holds;

  return {
    words: commandWords(settings),
    ...(server === undefined ? {} : { server }),
    servers: settings.servers.map(httpServer),
    holds,

    async live(signal): Promise<LiveState> {
      const now = await intendedNow(signal);
      return {
        ...now,
        answer: await answerOf(server, signal),
      };
    },

    async stage(release, signal) {
      const { version, modelDigest } = release;
      await requireOwner(root, step);
      const staging = about(root, version, modelDigest);
      const modelPath = staging['model-path'];
      if (await findStaged(root, release)) {
        if ((await ask('holds', staging, signal)).holds) return { modelPath, reused: true };
      } else {
        // What a run left that died may be what fills the disk.
        await sweepReleases(root);
        await writeRelease(root, release);
      }
      await ask('stage', staging, signal);
      return { modelPath, reused: false };
    },

    async endpoint(version) {
      const url = await endpointOf(version, ask);
      return url === null ? undefined : httpServer(settings.serverAt(url));
    },

    fence: async () => (await ask('fence', {})).fence,

    async raise(fence) {
      await requireOwner(root, step);
      await obeyed(ask('raise', { fence }), fence, program.place);
    },

    async shift(traffic, { fence, generation }, signal) {
      await requireOwner(root, step);
      const { shares, ...rest } = traffic;
      const question = { fence, shares: [...shares], ...rest };
      const known = generation === undefined ? {} : { generation };
      await obeyed(ask('shift', { ...question, ...known }, signal), fence, program.place);
    },

    async retire(kept) {
      await sweepReleases(root);
      const { intended } = await intendedNow();
      const spared = new Set([...kept, ...intended.map(({ version }) => version)]);
      const removed = await retireReleases(root, spared, keep);
      if (removed.length > 0) await ask('retire', { versions: removed });
      return removed;
    },
  };
}

function about(root: string, version: string, modelDigest: string) {
  return { version, 'model-digest': modelDigest, 'model-path': modelFolder(root, version) };
}

async function requireCapabilities({ capabilities, program }: CommandSettings, ask: Ask): Promise<void> {
  const answer = await ask('capabilities', {});
  const missing = [...capabilities].filter((one) => !answer.capabilities.includes(one));
  if (missing.length === 0) return;
  throw new UserError(
    'bad-config',
    `The program of ${program.place} says that it can ${answer.capabilities.join(', ') || 'nothing beyond all traffic to one version'}; 'capabilities' beside it has also ${missing.join(', ')}. Take that out of sluice.yaml, or teach the program.`,
  );
}

async function endpointOf(version: string, ask: Ask): Promise<string | null> {
  try {
    return (await ask('endpoint', { version })).url;
  } catch (error) {
    if (error instanceof RefusedError && error.refusal.error === 'not-found') return null;
    throw error;
  }
}

/** Throws the engine's own errors for what the program refused. */
async function obeyed(answer: Promise<unknown>, fence: Fence, place: string): Promise<void> {
  try {
    await answer;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { refusal } = error;
    switch (refusal.error) {
      case 'fenced':
        throw new FencedError(refusal.fence, fence);
      case 'drifted':
        throw new DriftedError(
          `${place} says that somebody else changed how the traffic is set up${refusal.by === undefined ? '' : `: ${refusal.by}`}`,
        );
      case 'not-found':
        throw new UserError(
          'missing-file',
          `${place} has no ${refusal.version}, so the traffic was not moved. Deploy ${refusal.version} again to bring it up.`,
        );
    }
  }
}

import { UserError } from '../../../action/errors.ts';
import { isVersion } from '../../../action/names.ts';
import {
  holdsRelease,
  listReleases,
  modelFolder,
  readCurrent,
  removeRelease,
  switchCurrent,
  writeRelease,
} from './releases.ts';
import type { ModelServer } from '../../server.ts';
import { allTo, type Answer, type LiveState, type Release, type ServingTarget } from '../../target.ts';

export interface DirectoryOptions {
  /** Absolute path of the folder that holds `releases` and `current`. */
  readonly root: string;
  /** Makes the server follow `current`; absent when it does so by itself. */
  readonly reload?: (signal: AbortSignal) => Promise<void>;
  /** The server that follows `current`; absent when there is none to ask. */
  readonly server?: ModelServer;
  /** How many releases stay on disk. */
  readonly keep: number;
}

/** Releases side by side in one folder and a link that is switched at once; a server follows the link. */
export function directoryTarget(options: DirectoryOptions): ServingTarget {
  const { root, reload, server, keep } = options;
  return {
    capabilities: { split: false, mirror: false, headerRoute: false },

    async live(signal): Promise<LiveState> {
      const intended = allTo(await readCurrent(root));
      return { intended, answer: server === undefined ? { kind: 'not-asked' } : await ask(server, signal) };
    },

    async stage(release: Release) {
      const modelPath = modelFolder(root, release.version);
      if (await holdsRelease(root, release.version, release.modelDigest)) return { modelPath, reused: true };
      await writeRelease(root, release);
      return { modelPath, reused: false };
    },

    async shift(shares, signal) {
      const [only, ...others] = shares;
      if (others.length > 0 || (only !== undefined && only.weight !== 100)) {
        throw new UserError(
          'bad-config',
          "A directory target serves one version at a time; it cannot split traffic. Use strategy 'direct'.",
        );
      }
      signal.throwIfAborted();
      await switchCurrent(root, only?.version);
      await reload?.(signal);
    },

    holds: (version, modelDigest) => holdsRelease(root, version, modelDigest),

    async retire(kept) {
      const spared = new Set([...kept, await readCurrent(root)]);
      const candidates = (await listReleases(root)).filter((version) => !spared.has(version));
      const removed = candidates.slice(Math.max(0, keep - spared.size));
      for (const version of removed) await removeRelease(root, version);
      return removed;
    },
  };
}

async function ask(server: ModelServer, signal: AbortSignal): Promise<Answer> {
  const answer = await server.version(signal);
  if (answer.kind === 'silent') return answer;
  if (answer.version !== undefined && !isVersion(answer.version)) {
    return { kind: 'silent', message: `${server.url} names '${answer.version}', which is no version` };
  }
  return {
    kind: 'answered',
    shares: allTo(answer.version),
    ...(answer.modelDigest === undefined ? {} : { modelDigest: answer.modelDigest }),
  };
}

import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError, errorCode } from '@sluice/core/action/errors.ts';
import { isVersion } from '@sluice/core/action/names.ts';
import { digestKept } from '@sluice/core/digest/model.ts';
import { raiseFence, readFence, requireFence } from '@sluice/core/serving/fence-file.ts';
import { allTo, type ServingTarget } from '@sluice/core/serving/target.ts';

/** Versions side by side in one folder, and a file that names the one in service, replaced at once. */
export function pointerTarget(root: string): ServingTarget {
  const pointer = path.join(root, 'version');
  const folderOf = (version: string): string => path.join(root, version);
  const modelOf = (version: string): string => path.join(folderOf(version), 'model');

  async function intended(): Promise<string | undefined> {
    try {
      return (await readFile(pointer, 'utf8')).trim();
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async function holds(version: string, modelDigest: string): Promise<boolean> {
    try {
      return (await digestKept(modelOf(version), modelDigest)).sha256 === modelDigest;
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    }
  }

  return {
    words: {
      says: (what) => `the file says ${what}`,
      onlyRead: 'no server is known, so only the file was read',
      staging: ({ version }) => `Put ${version} into ${root}.`,
      switching: `Replace ${pointer}.`,
    },
    servers: [],
    holds,
    endpoint: () => Promise.resolve(undefined),
    fence: () => readFence(root),
    raise: (fence) => raiseFence(root, fence),

    async live() {
      return { intended: allTo(await intended()), answer: { kind: 'not-asked' } };
    },

    async stage(release) {
      const modelPath = modelOf(release.version);
      if (await holds(release.version, release.modelDigest)) return { modelPath, reused: true };
      await rm(folderOf(release.version), { recursive: true, force: true });
      await mkdir(folderOf(release.version), { recursive: true });
      await release.fetch(folderOf(release.version));
      return { modelPath, reused: false };
    },

    async shift({ shares }, { fence }, signal) {
      const [only, ...others] = shares;
      if (others.length > 0) {
        throw new UserError('bad-config', "A pointer names one version. Use strategy 'direct'.");
      }
      signal.throwIfAborted();
      await requireFence(root, fence);
      if (only === undefined) return rm(pointer, { force: true });
      const temporary = `${pointer}.new`;
      await writeFile(temporary, `${only.version}\n`);
      await rename(temporary, pointer);
    },

    async retire(keep) {
      const spared = new Set([...keep, await intended()]);
      const entries = await readdir(root, { withFileTypes: true });
      const removed = entries.filter((e) => isVersion(e.name) && !spared.has(e.name)).map(({ name }) => name);
      for (const version of removed) await rm(folderOf(version), { recursive: true });
      return removed;
    },
  };
}

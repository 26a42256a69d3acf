import { randomBytes } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { moveBelow, removeBelow } from '@sluice/core/action/below.ts';
import { errorCode } from '@sluice/core/action/errors.ts';
import { sha256 } from '@sluice/core/digest/files.ts';
import type { ResultCache } from './cache.ts';
import type { Parts } from './cache-key.ts';
import { readManifest, writeEntry, type Manifest } from './entry.ts';
import type { Outputs } from './inputs.ts';

/** Older entries of a model are removed when a new one is saved. */
export const KEPT_ENTRIES = 5;

/**
 * The folder that SLUICE_TRAIN_CACHE names; without it, the user's own cache folder on a person's machine and none on a
 * runner. One folder per repository, so that two projects with a model of the same name do not meet.
 */
export function localCacheRoot(env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const own = env['GITHUB_ACTIONS'] ? undefined : env['XDG_CACHE_HOME'] || path.join(os.homedir(), '.cache');
  const root = env['SLUICE_TRAIN_CACHE'] || own;
  if (root === undefined) return undefined;
  const repository = env['GITHUB_REPOSITORY'] || env['GITHUB_WORKSPACE'] || process.cwd();
  return path.join(root, 'sluice', 'train', sha256(repository).slice(0, 16));
}

/** Entries as folders `<root>/<model>/<key>`, written beside and renamed. */
export class LocalCache implements ResultCache {
  readonly name: string;
  readonly #root: string;
  readonly #folder: string;

  constructor(root: string, model: string) {
    this.#root = root;
    this.#folder = path.join(root, model);
    this.name = `the folder ${this.#folder}`;
  }

  async find(key: string): Promise<string | undefined> {
    const folder = path.join(this.#folder, key);
    return (await this.#newestFirst()).includes(folder) ? folder : undefined;
  }

  async newestParts(): Promise<Parts | undefined> {
    const newest = (await this.#newestFirst())[0];
    return newest === undefined ? undefined : (await readManifest(newest)).parts;
  }

  async save(outputs: Outputs, manifest: Manifest): Promise<void> {
    const target = path.join(this.#folder, manifest.key);
    const beside = path.join(this.#folder, `.${randomBytes(8).toString('hex')}`);
    try {
      await writeEntry(this.#root, beside, outputs, manifest);
      await removeBelow(this.#root, target);
      await moveBelow(this.#root, beside, target);
    } finally {
      await removeBelow(this.#root, beside);
    }
    const old = (await this.#newestFirst()).slice(KEPT_ENTRIES);
    await Promise.all(old.map((entry) => removeBelow(this.#root, entry)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #newestFirst(): Promise<string[]> {
    let names: string[];
    try {
      names = await readdir(this.#folder);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
    const entries = await Promise.all(
      names
        .filter((name) => !name.startsWith('.'))
        .map(async (name) => {
          const entry = path.join(this.#folder, name);
          return { entry, time: (await stat(entry)).mtimeMs };
        }),
    );
    return entries.sort((a, b) => b.time - a.time).map(({ entry }) => entry);
  }
}

import * as path from 'node:path';
import { LIMITS, readBoundedText } from '@sluice/core/action/limits.ts';
import type * as actionsCache from '@actions/cache';
import * as z from 'zod/mini';
import { makeFolderBelow, removeBelow, writeBelow } from '@sluice/core/action/below.ts';
import type { ResultCache } from './cache.ts';
import type { Parts } from './cache-key.ts';
import { writeEntry, type Manifest } from './entry.ts';
import type { Outputs, TrainContext } from './inputs.ts';

const PARTS = 'parts.json';
const partsSchema = z.record(z.string(), z.string());

/**
 * The runner's cache service. An entry and, under a key of its own, its parts alone: what changed since the last run
 * can then be told without fetching a model. The service warns by itself when it cannot be reached.
 */
export class ServiceCache implements ResultCache {
  readonly name = "the runner's cache service";
  readonly #service: typeof actionsCache;
  readonly #model: string;
  readonly #staging: string;
  readonly #workspace: string;

  constructor(service: typeof actionsCache, model: string, context: TrainContext) {
    this.#service = service;
    this.#model = model;
    this.#staging = path.join(context.directory, '.sluice', 'train-cache');
    this.#workspace = context.workspace;
  }

  async find(key: string): Promise<string | undefined> {
    const folder = await this.#emptyFolder('entry');
    const hit = await this.#service.restoreCache([this.#relative(folder)], this.#key('entry', key));
    return hit === undefined ? undefined : folder;
  }

  async newestParts(): Promise<Parts | undefined> {
    const folder = await this.#emptyFolder('parts');
    const prefix = this.#key('parts', '');
    const hit = await this.#service.restoreCache([this.#relative(folder)], `${prefix}none`, [prefix]);
    if (hit === undefined) return undefined;
    return partsSchema.parse(
      JSON.parse(
        await readBoundedText(path.join(folder, PARTS), {
          name: PARTS,
          reason: 'bad-input',
          limit: LIMITS.settings,
        }),
      ),
    );
  }

  async save(outputs: Outputs, manifest: Manifest): Promise<void> {
    const entry = await this.#emptyFolder('entry');
    await writeEntry(this.#workspace, entry, outputs, manifest);
    await this.#service.saveCache([this.#relative(entry)], this.#key('entry', manifest.key));
    const parts = await this.#emptyFolder('parts');
    await writeBelow(this.#workspace, path.join(parts, PARTS), JSON.stringify(manifest.parts));
    await this.#service.saveCache([this.#relative(parts)], this.#key('parts', manifest.key));
  }

  async close(): Promise<void> {
    await removeBelow(this.#workspace, this.#staging);
  }

  async #emptyFolder(name: string): Promise<string> {
    const folder = path.join(this.#staging, name);
    await removeBelow(this.#workspace, folder);
    await makeFolderBelow(this.#workspace, folder);
    return folder;
  }

  /** The service finds an entry only under the very path it was saved with, and workspaces differ between runners. */
  #relative(folder: string): string {
    return path.relative(this.#workspace, folder);
  }

  /** A dot is not allowed in a model's name, so that no model's prefix is another's. */
  #key(kind: 'entry' | 'parts', key: string): string {
    return `sluice-train-${kind}.${this.#model}.${key}`;
  }
}

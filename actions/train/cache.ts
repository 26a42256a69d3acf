import type { Parts } from './cache-key.ts';
import type { Manifest } from './entry.ts';
import type { Outputs } from './inputs.ts';

/** Where results of earlier runs are kept. Any of these may throw; the caller goes on without the cache. */
export interface ResultCache {
  /** How messages call it. */
  readonly name: string;
  /** A folder with the entry of `key`, not checked yet; undefined when there is none. */
  find(key: string): Promise<string | undefined>;
  /** The parts of the newest entry of this model. */
  newestParts(): Promise<Parts | undefined>;
  save(outputs: Outputs, manifest: Manifest): Promise<void>;
  /** Removes what `find` brought into the workspace. */
  close(): Promise<void>;
}

import { readdir, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { deriveState } from './derive-state.ts';
import { withoutNegotiation, writeDocument, type RolloutLock } from './lock.ts';
import type { RemoteAccess } from './remote.ts';
import { Scratch } from './scratch.ts';
import type { ModelState } from './state.ts';
import type { StoredTag } from './tag-objects.ts';
import { listedTag, readObjects } from './tags.ts';

/** What the remote had of a model and an environment at one moment. */
export interface Survey {
  readonly state: ModelState;
  /** Whether anybody has the environment. */
  readonly isTaken: boolean;
  /**
   * Takes the lock with this document if nobody has it and nobody wrote to the ledger since the survey; returns the commit,
   * undefined when that was not so.
   */
  readonly claim: (content: unknown) => Promise<string | undefined>;
}

/** From so many bytes of tags that are here on, to ask for names and fetch what is new is faster than to fetch everything. */
const MANY_BYTES = 1 << 20;

interface Surveying {
  readonly model: string;
  readonly lock: Pick<RolloutLock, 'ref'>;
  readonly signal: AbortSignal | undefined;
  /** Gets the tags as they were read. */
  readonly remember: (tags: readonly StoredTag[]) => void;
}

/**
 * Fetches all tags of a model, the head of its ledger and the lock of an environment with one command and hands them to `body`;
 * hands it undefined where that does not work out or is not the fastest: whoever asks one by one learns why. Everything
 * comes from the remote, and git hashes it; nothing that lies in the checkout is believed.
 */
export async function survey<T>(
  access: RemoteAccess,
  { model, lock, signal, remember }: Surveying,
  body: (found: Survey | undefined) => Promise<T>,
): Promise<T> {
  if (await knowsMany(access)) return body(undefined);
  const head = `refs/sluice/ledger/${model}`;
  // Patterns, for a name that the remote does not have is an error.
  const patterns = [`refs/tags/${model}@*`, `refs/tags/${model}#*`, `${head}*`, `${lock.ref}*`];
  const config = withoutNegotiation(access);
  return Scratch.useAlone({ ...access, config }, signal, async (scratch) => {
    if ((await scratch.fetchTips(patterns)) !== undefined) return body(undefined);
    const rows = await scratch.refs(['refs'], ['refname', 'objectname']);
    const tips = new Map(rows.map(([ref = '', object = '']) => [ref, object]));
    const listed = [...tips].flatMap(([ref, object]) => listedTag(ref, object, model));
    const { tags } = await readObjects(scratch, listed);
    if (tags.length < listed.length) return body(undefined);
    remember(tags);
    const written = tips.get(head);
    return body({
      state: deriveState(model, tags),
      isTaken: tips.has(lock.ref),
      claim: async (content) => {
        const commit = await writeDocument(scratch, content);
        const unchanged = written === undefined ? [] : [{ ref: head, object: written, expected: written }];
        // The trees of the head's commit were not brought along.
        const { kind } = await scratch.push([{ ref: lock.ref, object: commit }, ...unchanged], {
          thin: false,
        });
        // The answer can get lost after the server has done the work.
        const isOurs = kind === 'pushed' || (await scratch.tip(lock.ref)) === commit;
        return isOurs ? commit : undefined;
      },
    });
  });
}

/** Whether the checkout, or an earlier read from it, has so many tags that their names are nearly all that is to be asked. */
async function knowsMany({ objects, cache }: RemoteAccess): Promise<boolean> {
  const packs = path.join(cache, 'pack');
  const names = await readdir(packs).catch(() => []);
  const files = [path.join(objects, '..', 'packed-refs'), ...names.map((name) => path.join(packs, name))];
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0) > MANY_BYTES;
}

import { isUserError } from '../action/errors.ts';
import type { ReadableStore, Store } from './store.ts';

/**
 * Several stores, read as one: each question goes to one after the other until one has an answer. What one of them refuses is
 * said only when none has one; bytes are compared with their digest wherever they come from.
 */
export function severalStores(first: Store, others: readonly Store[]): ReadableStore {
  const stores = [first, ...others];
  return {
    uri: first.uri,
    uris: stores.map(({ uri }) => uri),
    has: async (model, digest) =>
      (await firstAnswer(stores, async (store) => (await store.has(model, digest)) || undefined)) ?? false,
    async fetch(model, digest, destination) {
      const fetched = await firstAnswer(stores, (store) => store.fetch(model, digest, destination));
      if (fetched === undefined) throw new Error('a store fetched nothing and did not say why');
      return fetched;
    },
    companion: (model, digest, wanted) =>
      firstAnswer(stores, (store) => store.companion(model, digest, wanted)),
    async unnamed(model, digest) {
      const names = await firstAnswer(stores, async (store) => {
        const found = await store.unnamed(model, digest);
        return found.length === 0 ? undefined : found;
      });
      return names ?? [];
    },
    async unreachable() {
      const reasons = await Promise.all(stores.flatMap((store) => store.unreachable?.() ?? []));
      const known = reasons.filter((reason) => reason !== undefined);
      return known.length === 0 ? undefined : known.join(' ');
    },
  };
}

/** Throws what a store said that is more than that it has nothing, when no other one has an answer. */
async function firstAnswer<T>(
  stores: readonly Store[],
  ask: (store: Store) => Promise<T | undefined>,
): Promise<T | undefined> {
  const refusals: unknown[] = [];
  for (const store of stores) {
    try {
      const answer = await ask(store);
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!isUserError(error) || error.reasonCode === 'cancelled') throw error;
      refusals.push(error);
    }
  }
  if (refusals.length === 0) return undefined;
  throw refusals.find((error) => isUserError(error) && error.reasonCode !== 'missing-file') ?? refusals[0];
}

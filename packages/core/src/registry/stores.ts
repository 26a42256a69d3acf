import { UserError, isUserError } from '../action/errors.ts';
import { expand } from '../action/expand.ts';
import type { VersionRecord } from '../ledger/state.ts';
import { openStore } from '../store/index.ts';
import { severalStores } from '../store/several.ts';
import type { ReadableStore, Store, StoreStep } from '../store/store.ts';
import type { ConfiguredStore } from './former-stores.ts';

/** The stores that the section names; none where it names no store. */
export function allowedStores(
  section: { readonly store?: string | undefined; readonly 'former-stores'?: readonly string[] | undefined },
  defaultStore: string | undefined,
): ConfiguredStore[] {
  const store = section.store ?? defaultStore;
  const former = section['former-stores'] ?? [];
  return [
    ...(store === undefined ? [] : [{ uri: store, key: 'registry.store' }]),
    ...former.map((uri, index) => ({ uri, key: `registry.former-stores[${index}]` })),
  ];
}

type Named = Pick<VersionRecord, 'tag' | 'version' | 'store'>;

/**
 * The stores in which a version is looked for: those that sluice.yaml names, the one that the tag names first. Whoever may push a
 * tag may write any address there, so another one is never looked into; where sluice.yaml names no store, the tag's word is
 * taken. Throws UserError `bad-config`.
 */
export function storesOf(record: Named, stores: readonly ConfiguredStore[], step: StoreStep): Store[] {
  const named = record.store === undefined ? undefined : openStore(record.store, step);
  const configured = stores.map(({ uri, key }) => openStore(expand(uri, key, step.env ?? process.env), step));
  if (configured.length === 0) return named === undefined ? [] : [named];
  // Stable, so that the others keep the order of the file.
  return configured.sort((a, b) => Number(b.uri === named?.uri) - Number(a.uri === named?.uri));
}

/**
 * Opens the stores of a version as one. That the bytes of a version whose tag names a store that sluice.yaml does not are in none
 * of sluice.yaml's throws `evidence-mismatch`. Throws UserError `missing-file` when nothing names a store, and `bad-config`.
 */
export function openStoreOf(
  record: Named,
  configured: readonly ConfiguredStore[],
  step: StoreStep,
): ReadableStore {
  const [first, ...others] = storesOf(record, configured, step);
  if (first === undefined) throw unnamedStore(record);
  const store = severalStores(first, others);
  const named = record.store === undefined ? first.uri : openStore(record.store, step).uri;
  return named === first.uri ? store : refusing(store, () => notAllowed(record, named, store));
}

/** Throws UserError `missing-file` unless the bytes of a version are in its store; a changed copy throws `evidence-mismatch`. */
export async function requireBytes(
  store: Pick<ReadableStore, 'uris' | 'has' | 'unreachable'>,
  model: string,
  { version, tag, modelDigest }: Pick<VersionRecord, 'version' | 'tag'> & { readonly modelDigest: string },
): Promise<void> {
  if (await store.has(model, modelDigest)) return;
  const why = await store.unreachable?.();
  throw new UserError(
    'missing-file',
    `The bytes of ${version} (sha256:${modelDigest}) are not in ${store.uris.join(' nor in ')}. ${why ?? 'Was the store moved or cleaned?'} If it was moved, name its place in registry.store or registry.former-stores; if the bytes are gone, restore them, or run the pipeline of ${tag} again: register-model brings them back when they come out the same (docs/ledger.md#lost-bytes).`,
  );
}

/** A store that has to have a model: that it has none says that the tag's own word was not taken. */
function refusing(store: ReadableStore, refusal: () => Promise<UserError>): ReadableStore {
  return {
    ...store,
    async has(model, digest) {
      if (await store.has(model, digest)) return true;
      throw await refusal();
    },
    async fetch(model, digest, destination) {
      try {
        return await store.fetch(model, digest, destination);
      } catch (error) {
        throw isUserError(error) && error.reasonCode === 'missing-file' ? await refusal() : error;
      }
    },
  };
}

async function notAllowed(
  { tag, version }: Named,
  named: string,
  { uris, unreachable }: ReadableStore,
): Promise<UserError> {
  const why = await unreachable?.();
  return new UserError(
    'evidence-mismatch',
    `Tag ${tag} says that the bytes of ${version} are in ${named}, which sluice.yaml does not name, and they are not in ${uris.join(' nor in ')}, which it does.${why === undefined ? '' : ` ${why}`} If the team did use that store, add it to registry.former-stores; if not, somebody else wrote the tag: delete it, and protect the tags (docs/ledger.md).`,
    { decision: 'fail' },
  );
}

function unnamedStore({ tag, version }: Named): UserError {
  return new UserError(
    'missing-file',
    `Tag ${tag} has no Store trailer, so the bytes of ${version} cannot be found. Name the store that they are in: registry.store in sluice.yaml.`,
  );
}

import { UserError } from '../action/errors.ts';
import { expand } from '../action/expand.ts';
import type { VersionRecord } from '../ledger/state.ts';
import { openStore } from '../store/index.ts';
import type { Store, StoreStep } from '../store/store.ts';
import type { ConfiguredStore } from './former-stores.ts';

/** The stores that the section allows a tag to name; none where it names no store. */
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

/**
 * Opens the store that a version's tag names. Whoever may push a tag may write any address there, so it has to be one of
 * those that sluice.yaml names, where it names one. Throws UserError `evidence-mismatch` for another one, and `bad-config`.
 */
export function openStoreOf(
  { tag, version, store }: Pick<VersionRecord, 'tag' | 'version'> & { readonly store: string },
  stores: readonly ConfiguredStore[],
  step: StoreStep,
): Store {
  const named = openStore(store, step);
  const allowed = stores.map(
    ({ uri, key }) => openStore(expand(uri, key, step.env ?? process.env), step).uri,
  );
  if (allowed.length === 0 || allowed.includes(named.uri)) return named;
  throw new UserError(
    'evidence-mismatch',
    `Tag ${tag} says that the bytes of ${version} are in ${named.uri}, but sluice.yaml allows ${allowed.join(' and ')}. If the team did use that store, add it to registry.former-stores; if not, somebody else wrote the tag: delete it, and protect the tags (docs/ledger.md).`,
    { decision: 'fail' },
  );
}

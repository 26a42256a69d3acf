import { openStore } from '../store/open.ts';
import type { ReleaseAccess } from '../store/release/access.ts';
import { releaseStore } from '../store/release/store.ts';
import type { Companion, Store, StoreContext } from '../store/store.ts';
import type { Site } from '../mlflow/site.ts';
import { mlflowStore } from '../store/mlflow/store.ts';

/** What stores on a server need to reach it. */
export interface StoreAccess {
  /** Opens the server; called for `mlflow:` alone, so that other stores need no address of one. */
  readonly site: () => Site;
  /** Files that make the model one that MLflow loads, by name. */
  readonly additions?: ReadonlyMap<string, Companion>;
  /** How releases on GitHub are reached. */
  readonly releases: ReleaseAccess;
}

/** Opens the store of a URI, `mlflow:` and `release:` included. Throws UserError `bad-config` for what is no store. */
export function openAnyStore(uri: string, base: string, access: StoreAccess, context: StoreContext): Store {
  if (uri === 'mlflow:') return mlflowStore(access.site(), context, access.additions);
  if (uri.startsWith('release:')) return releaseStore(uri, access.releases, context);
  return openStore(uri, base, context);
}

import { openStore } from '../store/open.ts';
import type { Companion, Store, StoreContext } from '../store/store.ts';
import type { Site } from './mlflow/publication.ts';
import { mlflowStore } from './mlflow/store.ts';

/** What a store in MLflow needs. */
export interface MlflowAccess {
  /** Opens the server; called for `mlflow:` alone, so that other stores need no address of one. */
  readonly site: () => Site;
  /** Files that make the model one that MLflow loads, by name. */
  readonly additions?: ReadonlyMap<string, Companion>;
}

/** Opens the store of a URI, `mlflow:` included. Throws UserError `bad-config` for what is no store. */
export function openAnyStore(uri: string, base: string, mlflow: MlflowAccess, context: StoreContext): Store {
  return uri === 'mlflow:'
    ? mlflowStore(mlflow.site(), context, mlflow.additions)
    : openStore(uri, base, context);
}

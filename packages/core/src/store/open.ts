import * as path from 'node:path';
import { UserError } from '../action/errors.ts';
import { directoryStore } from './directory.ts';
import type { Store, StoreContext } from './store.ts';

/**
 * Opens the store of a URI. `dir:` takes an absolute path, or one relative to `base`. Throws UserError
 * `bad-config` for anything else.
 */
export function openStore(uri: string, base: string, context: StoreContext): Store {
  const match = /^dir:(?:\/\/(?=\/))?(.+)$/.exec(uri);
  if (match?.[1] !== undefined) return directoryStore(path.resolve(base, match[1]), context);
  throw new UserError(
    'bad-config',
    `The store is '${uri}'. Known are a folder that the runner can reach, written dir:/path, and mlflow: for an MLflow server.`,
  );
}

import { UserError } from '../action/errors.ts';
import { directoryKind } from './directory/kind.ts';
import { mlflowKind } from './mlflow/kind.ts';
import { releaseKind } from './release/kind.ts';
import { s3Kind } from './s3/kind.ts';
import type { Store, StoreKind, StoreScheme, StoreStep } from './store.ts';

/** The stores there are, by the scheme of their URI. */
export const STORES = {
  dir: directoryKind,
  s3: s3Kind,
  release: releaseKind,
  mlflow: mlflowKind,
} as const satisfies Readonly<Record<StoreScheme, StoreKind>>;

/** Opens the store of a URI; nothing is read or sent. Throws UserError `bad-config` for what is no store. */
export function openStore(uri: string, step: StoreStep): Store {
  const scheme = uri.slice(0, uri.indexOf(':'));
  if (isScheme(scheme)) return STORES[scheme].open(uri, step);
  const known = Object.values(STORES).map(({ example, words }) => `${example} (${words})`);
  throw new UserError('bad-config', `The store is '${uri}'. Known are ${known.join(', ')}.`);
}

function isScheme(text: string): text is StoreScheme {
  return Object.hasOwn(STORES, text);
}

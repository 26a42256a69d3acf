import * as path from 'node:path';
import { UserError } from '../action/errors.ts';
import { parseS3Uri } from '../s3/location.ts';
import { directoryStore } from './directory/store.ts';
import { s3Store } from './s3/store.ts';
import type { Store, StoreContext } from './store.ts';

/**
 * Opens the store of a URI. `dir:` takes an absolute path, or one relative to `base`; `s3://bucket/prefix` is a place in S3.
 * Throws UserError `bad-config` for anything else.
 */
export function openStore(uri: string, base: string, context: StoreContext): Store {
  const match = /^dir:(?:\/\/(?=\/))?(.+)$/.exec(uri);
  if (match?.[1] !== undefined) return directoryStore(path.resolve(base, match[1]), context);
  if (uri.startsWith('s3:')) {
    const { bucket, key } = parseS3Uri(uri, 'The store');
    return s3Store({ bucket, key: key.replace(/\/+$/, '') }, context);
  }
  throw new UserError(
    'bad-config',
    `The store is '${uri}'. Known are a folder that the runner can reach, written dir:/path, a bucket in S3, written s3://bucket/prefix, mlflow: for an MLflow server, and release: for the releases of a repository on GitHub.`,
  );
}

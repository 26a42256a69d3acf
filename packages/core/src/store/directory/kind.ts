import * as path from 'node:path';
import { UserError } from '../../action/errors.ts';
import type { StoreKind } from '../store.ts';
import { directoryStore } from './store.ts';

/** `dir:` and a path: absolute, also with two slashes before it, or relative to the folder that names it. */
export const directoryKind: StoreKind = {
  example: 'dir:/path',
  words: 'a folder that the runner can reach',
  open: (uri, step) => directoryStore(path.resolve(step.base, pathIn(uri)), step),
};

function pathIn(uri: string): string {
  const [, folder] = /^dir:(?:\/\/(?=\/))?(.+)$/.exec(uri) ?? [];
  if (folder !== undefined) return folder;
  throw new UserError('bad-config', `The store is '${uri}', which names no folder. Write dir:/path.`);
}

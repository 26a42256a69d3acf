import type { SourceKind } from './source.ts';

/** A file of the workspace; whether it is there is seen when it is read. */
export const file: SourceKind = {
  argument: 'path',
  find: (path) => Promise.resolve({ kind: 'file', path }),
};

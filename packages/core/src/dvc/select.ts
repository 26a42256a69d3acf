import * as path from 'node:path';
import { nameWithin } from '../action/paths.ts';
import picomatch from 'picomatch/posix';
import type { Selects } from './check.ts';

/** What a path or glob is about: where to look for it, and which files it means. */
export interface Selection {
  /** Absolute; the deepest folder or file that the pattern names without a sign of globs. */
  readonly place: string;
  readonly selects: Selects;
}

/** Reads a path or glob relative to `base`, as the settings name data. */
export function selectionOf(pattern: string, base: string, dynamic: boolean): Selection {
  if (!dynamic) {
    const place = path.resolve(base, pattern);
    return { place, selects: (file) => file === place || file.startsWith(`${place}${path.sep}`) };
  }
  const parts = pattern.split('/');
  const plain = parts.findIndex((part) => /[*?[\](){}!+@|\\]/.test(part));
  const matches = picomatch(pattern.replace(/^\.\//, ''), { dot: true, nonegate: true });
  return {
    place: path.resolve(base, ...parts.slice(0, plain)),
    selects: (file) => matches(nameWithin(base, file)),
  };
}

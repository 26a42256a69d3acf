import type { GivenPath } from '../action/paths.ts';

/** Where a setting was found: an input wins over sluice.yaml, and that over dvc.yaml. */
export type Source = 'input' | 'sluice.yaml' | 'dvc.yaml';

/** A path of the project, with where it was found. */
export interface ProjectPath extends GivenPath {
  readonly source: Source;
}

/** Files named by paths and globs, not looked at yet. */
export interface ProjectFiles {
  readonly source: Source;
  readonly what: string;
  readonly patterns: readonly string[];
  /** Absolute folder that local patterns are relative to. */
  readonly base: string;
}

/** What one setting came to. */
export type Resolved<T> =
  | { readonly kind: 'found'; readonly value: T }
  /** dvc.yaml has several that it could be, or one whose name only DVC can fill in. */
  | { readonly kind: 'ambiguous'; readonly candidates: readonly string[] }
  | { readonly kind: 'none' };

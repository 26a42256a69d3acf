import type { VersionRecord } from '../ledger/state.ts';

/** A registered version that a source names. */
export interface FoundVersion {
  readonly kind: 'version';
  readonly record: VersionRecord;
  /** Of the merge base: how many commits it is ahead of the version's commit. */
  readonly commitsBehind?: number;
  /** Why the merge base's own version was not waited for any longer. */
  readonly why?: string;
}

/** A file of numbers or predictions that a source names. */
export interface FoundFile {
  readonly kind: 'file';
  readonly path: string;
}

/** Which source it comes from, and why each one before it has none. */
interface Provenance {
  readonly source: string;
  readonly skipped: readonly string[];
}

/** What the candidate is compared with, before any byte of it is fetched. */
export type FoundBaseline =
  | (FoundVersion & Provenance)
  | (FoundFile & Provenance)
  /** Files that the step's own inputs name. */
  | { readonly kind: 'given'; readonly source: string }
  | {
      readonly kind: 'none';
      /** Per source, why it has none. */
      readonly tried: readonly string[];
    };

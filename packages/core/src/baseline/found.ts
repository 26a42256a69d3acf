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

/** A file of numbers or predictions as a commit of this repository has it. */
export interface CommittedFile {
  readonly kind: 'committed';
  /** How the source calls it. */
  readonly name: string;
  /** Absolute path of a copy. */
  readonly copy: string;
  readonly commit: string;
  /** Files of the test set that are otherwise at that commit; undefined where it is not named or git knows nothing of it. */
  readonly changedTestSet: readonly string[] | undefined;
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
  | (CommittedFile & Provenance)
  /** Files that the step's own inputs name. */
  | { readonly kind: 'given'; readonly source: string }
  | {
      readonly kind: 'none';
      /** Per source, why it has none. */
      readonly tried: readonly string[];
      /** Why none of them will ever have one, in sentences; absent where one still may. */
      readonly never?: string;
    };

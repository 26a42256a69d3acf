import type { TagEvent } from './grammar.ts';
import type { ReadTrailers } from './message.ts';

/** A tag as git has it. */
export interface LedgerTag {
  /** Short name, without `refs/tags/`. */
  readonly name: string;
  /** The commit an annotated tag points at; absent for a lightweight tag and for one on something else. */
  readonly commit?: string | undefined;
  /** Why it does not count, a clause; then it has no commit. */
  readonly fault?: string | undefined;
  /** Whole seconds, as git keeps them. */
  readonly time: Date;
  readonly tagger: string;
  readonly message: string;
}

/** A registered version. What a tag written by another tool does not say is absent. */
export interface VersionRecord {
  readonly version: string;
  readonly tag: string;
  readonly commit: string;
  /** The model digest, hex. */
  readonly modelDigest?: string | undefined;
  /** sha256 (hex) of the passport's bytes. */
  readonly passportDigest?: string | undefined;
  /** sha256 (hex) of the signed statement beside the bytes; absent where the version was not signed. */
  readonly attestationDigest?: string | undefined;
  /** sha256 (hex) of `metrics.json` beside the bytes. */
  readonly metricsDigest?: string | undefined;
  /** What the predictions beside the bytes are called, and their sha256 (hex); absent in tags of earlier releases. */
  readonly predictions?: { readonly name: string; readonly sha256: string } | undefined;
  /** sha256 (hex) of `golden.jsonl` beside the bytes, requests with the model's own answers; absent where none were recorded. */
  readonly goldenDigest?: string | undefined;
  /** URI of the store root that holds the bytes. */
  readonly store?: string | undefined;
  readonly registeredAt: Date;
  /** False once it was deregistered. */
  readonly active: boolean;
  readonly trailers: ReadTrailers;
}

/** A version whose tag says which bytes it is. */
export type IdentifiedVersion = VersionRecord & { readonly modelDigest: string };

/** Whether a tag says which bytes its version is; those of other tools, such as GTO, do not. */
export function isIdentified(record: VersionRecord): record is IdentifiedVersion {
  return record.modelDigest !== undefined;
}

/** One event of an environment. */
export interface Assignment {
  readonly kind: 'assignment' | 'unassignment';
  /** The registered version, or the commit where no version is registered at it. */
  readonly version: string;
  readonly commit: string;
  readonly at: Date;
  readonly tag: string;
  readonly trailers: ReadTrailers;
}

/** The version an environment runs, by the ledger. */
export interface LiveVersion {
  readonly version: string;
  readonly since: Date;
  readonly tag: string;
  readonly reason?: string;
  readonly actor?: string;
}

/** What the ledger says about one environment of a model. */
export interface EnvironmentState {
  readonly live?: LiveVersion;
  /** Ascending in time. */
  readonly history: readonly Assignment[];
  /** Versions that were rolled back here and not released since. */
  readonly quarantined: ReadonlySet<string>;
  /** Present while no other version may be deployed here. */
  readonly hold?: Hold;
}

/** Who stopped the deployments of an environment, when and why. */
export interface Hold {
  readonly since: Date;
  readonly tag: string;
  readonly reason?: string;
  readonly actor?: string;
}

/** Everything the tags of one model say. */
export interface ModelState {
  readonly model: string;
  /** Ascending by Semantic Versioning. */
  readonly versions: readonly VersionRecord[];
  /** Versions whose name a tag has, also a tag that does not count, and those that only deployments tell of. */
  readonly takenVersions: ReadonlySet<string>;
  /** Commits that carry a version, also one that was deregistered. */
  readonly occupied: ReadonlySet<string>;
  readonly environments: ReadonlyMap<string, EnvironmentState>;
  /** True when the model's last event is a deprecation; `@created` says nothing. */
  readonly deprecated: boolean;
  /** The greatest counter of any tag of the model, 0 without one; the two after it are free. */
  readonly lastCounter: number;
  /** When the newest event happened. */
  readonly newest?: Date;
  /** Tags that other readers of the ledger stumble over, one sentence each. */
  readonly problems: readonly string[];
}

/** When and where a tag's event happened. */
export interface Dated {
  readonly tag: string;
  readonly commit: string;
  readonly at: Date;
  readonly trailers: ReadTrailers;
}
/** What a counted tag says. */
export type Event = TagEvent & Dated;

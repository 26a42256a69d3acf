import type { ModelServer } from './server.ts';

/** The part of the traffic a version gets, in percent. */
export interface Share {
  readonly version: string;
  readonly weight: number;
}

/** What serving itself reports, apart from what it was told. */
export type Answer =
  /** The server named the version it runs; no shares when it runs none. */
  | { readonly kind: 'answered'; readonly shares: readonly Share[]; readonly modelDigest?: string }
  /** The server did not say; `message` is the last thing it did. */
  | { readonly kind: 'silent'; readonly message: string }
  /** The target has no way to ask. */
  | { readonly kind: 'not-asked' };

/** What a target serves. */
export interface LiveState {
  /** What the target is set to serve; empty when nothing is. */
  readonly intended: readonly Share[];
  readonly answer: Answer;
}

/** One version with the way to its bytes. */
export interface Release {
  readonly model: string;
  /** A version of the ledger, such as `v1.0.0`. */
  readonly version: string;
  /** Model digest, sha256 in hex. */
  readonly modelDigest: string;
  /** Puts the model's files into `<folder>/model` and verifies their digest. */
  readonly fetch: (folder: string) => Promise<void>;
}

/** A staged release: where its files lie, and whether they were there before. */
export interface Staged {
  readonly modelPath: string;
  readonly reused: boolean;
}

/** The target's own words, for sentences that are the same for all targets otherwise. */
export interface TargetWords {
  /** What it is set to serve: "the link says v1.0.0"; `what` is a version, "no version" or "so". */
  says(what: string): string;
  /** Why serving was not asked, and what was read instead: "no url is set, so only the link 'current' was read, not the server". */
  readonly onlyRead: string;
  /** What bringing a release up will do, a sentence. */
  staging(release: Pick<Release, 'version' | 'modelDigest'>): string;
  /** What moving the traffic will do, a sentence. */
  readonly switching: string;
}

/**
 * Where a model is served. Every implementation passes test/contract/serving-target.ts. Versions are the ledger's;
 * methods throw `UserError` when the set-up cannot work or a command of the team's fails.
 */
export interface ServingTarget {
  readonly words: TargetWords;
  /** The model server that answers for the target; absent when there is none to ask. */
  readonly server?: ModelServer;
  /** What is served now, asked of the server where that is possible. Never throws because a server is silent. */
  live(signal: AbortSignal): Promise<LiveState>;
  /** Brings a release up without traffic. Staging again is a no-op when the bytes are right and heals them when not. */
  stage(release: Release): Promise<Staged>;
  /** Moves the traffic. Shares add up to 100, or none: nothing is served then. A version must have been staged. */
  shift(shares: readonly Share[], signal: AbortSignal): Promise<void>;
  /** Whether a release is staged with exactly these bytes. */
  holds(version: string, modelDigest: string): Promise<boolean>;
  /** Removes old releases, never one of `keep` and never one that is intended; returns the versions removed. */
  retire(keep: readonly string[]): Promise<string[]>;
}

/** The one version that serves all traffic: what the server says where it can be asked, else what was intended. */
export function servedVersion(state: LiveState): string | undefined {
  const shares = state.answer.kind === 'answered' ? state.answer.shares : state.intended;
  return shares.length === 1 ? shares[0]?.version : undefined;
}

/** All traffic to one version, or to nothing. */
export function allTo(version: string | undefined): Share[] {
  return version === undefined ? [] : [{ version, weight: 100 }];
}

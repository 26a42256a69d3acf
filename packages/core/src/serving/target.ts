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
  /** What the target is set to serve, the heaviest share first; empty when nothing is. */
  readonly intended: readonly Share[];
  /** One answer, through the front door. */
  readonly answer: Answer;
  /** A name of how the target is set up, which changes with every change by anybody; absent where it cannot say. */
  readonly generation?: string;
}

/** How requests reach versions. */
export interface Traffic {
  /** They add up to 100, or there are none: nothing is served then. */
  readonly shares: readonly Share[];
  /** Copies of this part of the requests, in percent, to a version whose answers nobody gets. */
  readonly mirror?: { readonly version: string; readonly percent: number };
  /** Requests with this header go to this version. */
  readonly route?: { readonly header: string; readonly value: string; readonly version: string };
  /** The header whose value decides to which share a request belongs, so that one entity stays with one version. */
  readonly key?: string;
}

/** Who moves the traffic; the number grows with every owner of an environment. */
export interface Fence {
  readonly number: number;
  /** Random, of one run. */
  readonly owner: string;
}

/** Under which conditions the traffic may be moved. */
export interface Order {
  readonly fence: Fence;
  /** How the target was set up when it was looked at; absent where it cannot say. */
  readonly generation?: string | undefined;
}

/** Thrown when a target has seen a later owner of the environment. Nothing was moved. */
export class FencedError extends Error {
  constructor(seen: number, { number }: Fence) {
    super(`the target has seen run ${seen} of this environment, and this is run ${number}`);
    this.name = 'FencedError';
  }
}

/** Thrown when somebody else set the target up anew; the message says what is found, and whose it is where that is known. */
export class DriftedError extends Error {
  override readonly name = 'DriftedError';
}

/**
 * What shows that the bytes of a release that lies there are right: their digest, or that by the file system none of its files
 * has changed since their digest was right, which takes no time and has to be made good for.
 */
export type Proof = 'digest' | 'record';

/** One version with the way to its bytes. */
export interface Release {
  readonly model: string;
  /** A version of the ledger, such as `v1.0.0`. */
  readonly version: string;
  /** Model digest, sha256 in hex. */
  readonly modelDigest: string;
  /** Puts the model's files into `<folder>/model` and verifies their digest. */
  readonly fetch: (folder: string) => Promise<void>;
  /** What is enough where it was staged before; default: the digest. */
  readonly proof?: Proof;
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
  /** Every replica that answers for the target, one by one; none when there is nobody to ask. */
  readonly servers: readonly ModelServer[];
  /** What is served now, asked of the server where that is possible. Never throws because a server is silent. */
  live(signal: AbortSignal): Promise<LiveState>;
  /** Brings a release up without traffic. Staging again is a no-op when the bytes are right and heals them when not. */
  stage(release: Release, signal: AbortSignal): Promise<Staged>;
  /** A staged version by itself, whatever its share of the traffic; undefined where it has no address of its own. */
  endpoint(version: string): Promise<ModelServer | undefined>;
  /** The highest number of a fence that was raised here; 0 when none was. */
  fence(): Promise<number>;
  /** From now on nobody with a lower fence moves the traffic. Throws FencedError when a later one was here. */
  raise(fence: Fence): Promise<void>;
  /**
   * Moves the traffic to versions that were staged. Throws FencedError, and DriftedError when the target is not as it was
   * when the order was given.
   */
  shift(traffic: Traffic, order: Order, signal: AbortSignal): Promise<void>;
  /** Whether a release is staged with exactly these bytes; `proof` is by default the digest. */
  holds(version: string, modelDigest: string, proof?: Proof): Promise<boolean>;
  /** Removes old releases, never one of `keep` and never one that is intended; returns the versions removed. */
  retire(keep: readonly string[]): Promise<string[]>;
}

/** Shares for sentences: `v1.0.0 80 %, v2.0.0 20 %`. */
export function describeShares(shares: readonly Share[]): string {
  return shares.map(({ version, weight }) => `${version} ${weight} %`).join(', ');
}

/** The one version that serves all traffic: what the server says where it can be asked, else what was intended. */
export function servedVersion(state: LiveState): string | undefined {
  // While the traffic is split, one answer says nothing of the others.
  if (state.intended.length > 1) return undefined;
  const shares = state.answer.kind === 'answered' ? state.answer.shares : state.intended;
  return shares.length === 1 ? shares[0]?.version : undefined;
}

/** All traffic to one version, or to nothing. */
export function allTo(version: string | undefined): Share[] {
  return version === undefined ? [] : [{ version, weight: 100 }];
}

import type { Encryption } from '../s3/connection.ts';
import type { Log } from '../action/log.ts';
import type { Site } from '../mlflow/site.ts';

/** How the URI of a store may begin; each has a row in the table of index.ts. */
export type StoreScheme = 'dir' | 's3' | 'release' | 'mlflow';

/** The URI of a store, as sluice.yaml, inputs and the ledger write it. */
export type StoreUri = `${StoreScheme}:${string}`;

/** A kind of store: a row of the table in index.ts. */
export interface StoreKind {
  /** Its URI as messages and documentation write it. */
  readonly example: StoreUri;
  /** What it is, as in 'a folder that the runner can reach'. */
  readonly words: string;
  /** Opens the store of a URI with this scheme; nothing is read or sent. Throws UserError `bad-config` for one that is written otherwise. */
  open(uri: string, step: StoreStep): Store;
}

/** Where the bytes of models live, addressed by model digest. Nothing is ever overwritten. */
export interface Store {
  /** URI of the root, as the ledger records it. */
  readonly uri: StoreUri;
  /** Whether a model with this digest (hex) is there and its bytes have that digest. */
  has(model: string, digest: string): Promise<boolean>;
  /**
   * Stores a model, and beside it what belongs to one registration of it, each under its own digest: what others put there
   * stays. `created` is false when the model was there already. Throws UserError `no-permission` or `service-unavailable`; nothing half-written stays.
   */
  put(
    model: string,
    digest: string,
    modelPath: string,
    companions: ReadonlyMap<string, Companion>,
  ): Promise<PutResult>;
  /**
   * Copies the model's bytes to `<destination>/model/…` and verifies them. Returns the path of the model: the file for
   * a single-file model, else the folder. Throws UserError `missing-file` or `evidence-mismatch`.
   */
  fetch(model: string, digest: string, destination: string): Promise<{ readonly modelPath: string }>;
  /**
   * Path of a local copy of what is stored beside the model under this name and sha256 (hex), undefined when it is not there.
   * Earlier releases kept one file of each name, which may be given instead: the caller compares the digest.
   */
  companion(model: string, digest: string, wanted: CompanionId): Promise<string | undefined>;
  /** Names of what earlier releases stored beside the model without its digest, sorted. */
  unnamed(model: string, digest: string): Promise<string[]>;
  /** Why all of it is out of reach from here, and what to do, as sentences; only of a store that is not everywhere. */
  unreachable?(): Promise<string | undefined>;
}

/** One store or several to read from. */
export interface ReadableStore extends Omit<Store, 'put'> {
  /** The roots that are looked in, the one of `uri` first. */
  readonly uris: readonly StoreUri[];
}

/** What is stored beside a model: by name and content, as a tag names it. */
export interface CompanionId {
  readonly name: string;
  /** Hex; absent where the tag names none, for what earlier releases stored by name alone. */
  readonly sha256?: string | undefined;
}

/** What became of a put. */
export interface PutResult {
  /** URI of what was stored. */
  readonly uri: string;
  /** False when it was there already. */
  readonly created: boolean;
  /** The version of each object by its key, where the store keeps versions. */
  readonly versionIds?: ReadonlyMap<string, string>;
}

/** What every store works with. */
export interface StoreContext {
  /** The step's environment, with what a store signs in with. Default: the process's. */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  /** How a store in S3 has new objects encrypted. */
  readonly encryption?: Encryption | undefined;
  /** Gets the progress of what takes long. */
  readonly log: Log;
  /** Stops a transfer; nothing half-written counts as stored then. */
  readonly signal?: AbortSignal | undefined;
}

/** What a step hands to the store that it opens; each takes what it needs. */
export interface StoreStep extends StoreContext {
  /** Absolute path of the folder that a relative path is relative to. */
  readonly base: string;
  /** The token of the forge. */
  readonly token: string | undefined;
  /** Opens the MLflow server; called for stores that are on it alone, so that others need no address of one. */
  readonly site: () => Site;
  /** Files that make the model one that MLflow loads, by name. */
  readonly additions?: ReadonlyMap<string, Companion>;
}

/** Something stored beside a model: a file, or a text. */
export type Companion = { readonly path: string } | { readonly text: string };

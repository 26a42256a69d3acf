import type { Log } from '../action/log.ts';
import type { ConfiguredStore } from './former-stores.ts';
import type { FileDigest } from '../digest/files.ts';
import type { Statement } from '../evidence/statement.ts';
import type { WriteResult } from '../ledger/repository.ts';
import type { ModelState } from '../ledger/state.ts';
import type { MlmodelConfig } from '../mlflow/mlmodel-schema.ts';
import type { Site, SiteSettings } from '../mlflow/site.ts';
import type { Companion, StoreUri } from '../store/store.ts';
import type { RegistryEntries } from './entries.ts';
import type { Loader } from './mlflow/loader.ts';
import type { RegistrySection, RegistryType } from './section.ts';

/** Reason code of a step that did its work, while the registry does not show what the ledger says. */
export const BEHIND = 'registry-behind';

/** A kind of registry, which shows the versions of the ledger: a row of the table in index.ts. */
export interface RegistryKind<Section extends RegistrySection = RegistrySection> {
  /** What it is, as in 'the tags of the repository'. */
  readonly words: string;
  /** Where model bytes live when nothing says it; absent where somebody has to. */
  readonly defaultStore?: StoreUri;
  /** Set where the registry counts the versions, so that nobody can choose a number. */
  readonly counts?: Counting;
  /** Reads its section of sluice.yaml. Throws UserError `bad-config`. */
  settings(section: Section, model: string, env: Readonly<NodeJS.ProcessEnv>): Connection;
  /** Throws UserError `bad-config` when nothing says where it is; nothing is sent. */
  requireAddress(step: RegistryStep): void;
  /** Writes a version into the ledger, under the number that the registry gives where it counts, and shows it. */
  register(step: RegistryStep, exhibit: Exhibit, before: ModelState, write: Write): Promise<Registered>;
  /** Shows a version that the ledger has. What the registry refuses is no failure of the version. */
  show(step: RegistryStep, exhibit: Exhibit, version: string): Promise<Shown>;
  /**
   * Shows which version is live in an environment. Returns why it is not shown and how to repair that, undefined when it
   * is. Never fails what was deployed.
   */
  showLive(step: RegistryStep, live: Live): Promise<string | undefined>;
}

/** The sentences about versions that a registry counts. */
export interface Counting {
  /** Why no number can be chosen, a clause. */
  readonly why: string;
  /** What a dry run cannot know, a clause. */
  readonly later: string;
}

/** Where registries and stores on a server are, as settings say it. */
export interface Connection {
  readonly site: SiteSettings;
  /** How MLflow is to load a model without an MLmodel file of its own. */
  readonly mlmodel?: MlmodelConfig | undefined;
}

/** Which registry shows the versions beside the ledger, and where `mlflow:` is. */
export interface RegistrySettings extends Connection {
  readonly type: RegistryType;
  /** The stores that a version's tag may name; any where there is none. */
  readonly stores: readonly ConfiguredStore[];
}

/** What a step hands to the registry. */
export interface RegistryStep {
  /** Opens the MLflow server; called by registries that are on it alone. */
  readonly site: () => Site;
  readonly log: Log;
}

/** Writes the version into the ledger: under this number, or as the step asks for it. */
export type Write = (version?: string) => Promise<WriteResult>;

/** A version that is to be shown, and what there is to tell about it. */
export interface Exhibit {
  readonly model: string;
  /** The model digest, hex. */
  readonly digest: string;
  readonly modelPath: string;
  readonly files: readonly FileDigest[];
  /** What lies beside the model, by name. */
  readonly companions: ReadonlyMap<string, Companion>;
  readonly loader: Loader;
  readonly metrics: Readonly<Record<string, number>>;
  /** The passport's. */
  readonly statements: readonly Statement[];
  readonly circumstances: Circumstances;
}

/** Who registers what, from where. */
export interface Circumstances {
  readonly commit: string;
  readonly actor: string | undefined;
  /** URL of the workflow run. */
  readonly runUrl: string | undefined;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** What became of a registration. */
export interface Registered {
  readonly written: WriteResult;
  readonly shown: Shown;
}

/** What the registry shows of a version. */
export interface Shown {
  /** What `result` says of it. */
  readonly entry?: RegistryEntries;
  /** Rows of the summary, in markdown. */
  readonly rows?: readonly (readonly [string, string])[];
  /** Why it does not show what the ledger says, and how to repair that. */
  readonly behind?: string;
}

/** What the ledger says is live. */
export interface Live {
  readonly environment: string;
  readonly version: string;
  /** The model digest, hex; undefined for a version that another tool registered. */
  readonly digest: string | undefined;
}

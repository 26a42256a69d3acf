import type { ModelDigest } from '@sluice/core/digest/model.ts';
import type { Evidence } from '@sluice/core/evidence/gather.ts';
import type { RegisterWish } from '@sluice/core/ledger/registration.ts';
import type { Lineage } from '@sluice/core/registry/lineage.ts';
import type { Loader } from '@sluice/core/registry/mlflow/loader.ts';
import type { Shown } from '@sluice/core/registry/registry.ts';
import type { PutResult, Store } from '@sluice/core/store/store.ts';
import type { Findings } from './companions.ts';
import type { RegisterSettings } from './inputs.ts';

/** Everything the run found out. */
export interface Registration {
  readonly settings: RegisterSettings;
  readonly store: Store;
  readonly digest: ModelDigest;
  readonly evidence: Evidence;
  readonly findings: Findings;
  readonly wish: RegisterWish;
  readonly loader: Loader;
  /** Set once it was signed by this run. */
  readonly signed?: Signed | undefined;
  /** Versions of the objects that were stored, where the store keeps versions. */
  readonly versionIds?: PutResult['versionIds'];
}

/** The signed statement about a model. */
export interface Signed {
  /** The Sigstore bundle, as it lies beside the model. */
  readonly text: string;
  readonly sha256: string;
  /** Its page on GitHub. */
  readonly page: string;
  /** Its place in the public transparency log, for a public repository. */
  readonly logIndex: string | undefined;
}

/** What came out, for outputs, result and summary alike. */
export interface RegisteredVersion {
  readonly version: string;
  readonly tag: string;
  readonly commit: string;
  /** URI of the store root. */
  readonly store: string;
  readonly passportDigest: string | undefined;
  /** Absent where the version is not signed. */
  readonly attestationDigest?: string | undefined;
  readonly created: boolean;
  readonly reason: 'ok' | 'already-registered' | 'metrics-left-out' | 'retired-bytes' | 'restored';
  /** What became of the version, for the headline. */
  readonly verdict: string;
  readonly message: string;
  /** Why a version is not signed that should be, one or two sentences. */
  readonly unsigned?: string | undefined;
  /** Message of the tag that a dry run would have written. */
  readonly planned?: string | undefined;
  /** Absent when nothing was written. */
  readonly lineage?: Lineage | undefined;
  readonly shown: Shown;
}

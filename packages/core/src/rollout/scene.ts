import type { Check } from '../serving/checks.ts';
import type { GoldenCase } from '../serving/golden.ts';
import type { Release, ServingTarget } from '../serving/target.ts';
import type { Arms } from './analysis/providers/kind.ts';
import type { Lease } from './lease.ts';
import type { Judged } from './run.ts';
import type { KnownVersion, RolloutState } from './state.ts';
import type { Verification } from './verification.ts';

/** What the effects of a rollout work on. */
export interface Scene {
  readonly target: ServingTarget;
  readonly lease: Pick<Lease, 'save' | 'fence'>;
  readonly verification: Verification;
  /** The golden cases that a version was registered with; none where there are none. */
  readonly recordedGolden: (version: KnownVersion) => Promise<readonly GoldenCase[]>;
  /** A version of the ledger as the target stages it. */
  readonly release: (version: KnownVersion) => Release;
  /** Writes the ledger and lets go of the environment, in one push. Returns one sentence. */
  readonly commit: (version: KnownVersion | null) => Promise<string>;
  /** Whether the ledger says that the version is live. */
  readonly isRecorded: (version: KnownVersion | null) => Promise<boolean>;
  /** Watches the candidate for so long beside what is live, and judges all that was measured by then. */
  readonly watch: (arms: Arms, ms: number, state: RolloutState, signal: AbortSignal) => Promise<Judgement>;
  /** Judges what was predicted by the labels that are there by now. */
  readonly judgeLabels: (state: RolloutState, signal: AbortSignal) => Promise<Judgement>;
  /** Removes old releases; never throws. */
  readonly retire: (keep: readonly string[]) => Promise<void>;
  /** Gets what was verified of the candidate. */
  readonly report: (checks: readonly Check[]) => void;
}

/** What was measured by now, and what that says. */
export type Judgement = Pick<Judged, 'samples' | 'verdicts'>;

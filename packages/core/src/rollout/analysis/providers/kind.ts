import type { StepLog } from '../../../action/log.ts';
import type { Section } from '../../../schema/section.ts';
import type { ModelServer } from '../../../serving/server.ts';
import type { Capability } from '../../../serving/targets/kind.ts';
import type { MetricRule } from '../metric-rule.ts';
import type { Observation } from '../samples.ts';

/** A version that takes part in a rollout. */
export interface Arm {
  readonly version: string;
  /** Its share of the traffic, in percent. */
  readonly weight: number;
  /** Where it answers by itself; absent where the target has no such address. */
  readonly server?: ModelServer;
}

/** The versions that take part in a step. */
export interface Arms {
  readonly candidate: Arm;
  /** Absent where nothing was live before. */
  readonly stable?: Arm;
}

/** A part of a bake. The next window of a step begins where the last one ended. */
export interface Window {
  readonly since: Date;
  readonly ms: number;
  readonly arms: Arms;
}

/** What a window yielded for one metric, by its id. */
export interface MetricObservation {
  readonly metric: string;
  readonly observation: Observation;
}

/** Where the numbers of a rollout come from, ready to be asked. */
export interface Analysis {
  /** What the target has to be able to do. */
  readonly needs: readonly Capability[];
  /** How the metrics are judged; their ids begin with the name of the analysis. */
  readonly rules: readonly MetricRule[];
  /**
   * What a window yields, once it is over: one observation for each rule. Called when the window begins; a window that has
   * passed is not waited for. Throws only when aborted.
   */
  sample(window: Window, signal: AbortSignal): Promise<readonly MetricObservation[]>;
}

/** What an analysis is read and run with. */
export interface AnalysisStep {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: StepLog;
  /** Absolute path of the checkout. */
  readonly workspace: string;
}

/**
 * A provider of numbers: reads its section of sluice.yaml and the files that it names. Throws UserError `bad-config` for what
 * the schema cannot see, and `missing-file` or `bad-input` for a file; what it measures is reached for when it is asked.
 */
export type ProviderKind<Config> = (section: Section<Config>, step: AnalysisStep) => Promise<Analysis>;

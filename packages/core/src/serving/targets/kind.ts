import type { StepLog } from '../../action/log.ts';
import type { Section } from '../../schema/section.ts';
import type { Protocol } from '../protocols/kind.ts';
import type { ServerAddress } from '../server.ts';
import type { ServingTarget } from '../target.ts';

/** What a strategy may ask of a target beyond all traffic to one version. */
export type Capability =
  /** Shares of the traffic to several versions. */
  | 'split'
  /** Requests copied to a version whose answers nobody gets. */
  | 'mirror'
  /** Requests with a header to a version. */
  | 'header-route'
  /** Shares by the value of a header, so that one entity stays with one version. */
  | 'key-split'
  /** Questions to a staged version before it gets any traffic. */
  | 'probe';

/** What a target's settings are read with. */
export interface TargetStep {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** How long the server may take to come up; no command and no request takes longer. */
  readonly timeoutMs: number;
  /** How the model server is spoken to. */
  readonly protocol: Protocol;
}

/** What an open target works for, and what it runs the team's commands with. */
export interface OpeningStep {
  readonly model: string;
  readonly environment: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: StepLog;
}

/** A target as its section describes it: checked, and nothing reached for yet. */
export interface ConfiguredTarget {
  readonly can: ReadonlySet<Capability>;
  /** There where shares are whole percents. */
  readonly wholeWeights?: true;
  /** Where its model server answers; absent when there is none to ask. */
  readonly server?: ServerAddress;
  open(step: OpeningStep): Promise<ServingTarget>;
}

/**
 * A type of target: reads its section of sluice.yaml. Throws UserError `bad-config` for what the schema cannot see, and
 * leaves everything else to `open`.
 */
export type TargetKind<Config> = (section: Section<Config>, step: TargetStep) => ConfiguredTarget;

import type { Section } from '../../schema/section.ts';
import type { Capability } from '../../serving/targets/kind.ts';
import type { LabelsConfig } from '../analysis/labels/schema.ts';
import type { AnalysisConfig } from '../analysis/providers/schema.ts';
import type { RolloutPlan, RolloutStep } from '../state.ts';

/** How a candidate gets the traffic. */
export interface Strategy {
  /** As the ledger records it. */
  readonly name: string;
  /** What the target has to be able to do. */
  readonly needs: readonly Capability[];
  /** One after the other; each share is read back, and the last is 100 where the candidate is to stay. */
  readonly steps: readonly RolloutStep[];
  /** How much longer than its `bake` a step may wait for a verdict, in ms. */
  readonly hold: number;
  readonly keeps: RolloutPlan['keeps'];
  /** What is judged while a step bakes. */
  readonly analysis: readonly Section<AnalysisConfig>[];
  /** Where the labels come from that a pause waits for. */
  readonly labels?: Section<LabelsConfig>;
}

/** A strategy: what it does, from what sluice.yaml says of it. Throws UserError `bad-config` for what its schema cannot see. */
export type StrategyKind<Config> = (section: Section<Config>) => Omit<Strategy, 'name'>;

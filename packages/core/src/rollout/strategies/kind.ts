import type { Capability } from '../../serving/targets/kind.ts';
import type { ForwardSteps } from '../machine.ts';

/** How a candidate gets the traffic. */
export interface Strategy {
  /** As the ledger records it. */
  readonly name: string;
  /** What the target has to be able to do. */
  readonly needs: readonly Capability[];
  readonly steps: ForwardSteps;
}

/** A strategy: what it does, from what sluice.yaml says of it. */
export type StrategyKind<Config> = (config: Config) => Omit<Strategy, 'name'>;

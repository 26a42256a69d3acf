import type { Capability } from '../../serving/targets/kind.ts';

/** How a candidate gets the traffic. */
export interface Strategy {
  /** As the ledger records it. */
  readonly name: string;
  /** What the target has to be able to do. */
  readonly needs: readonly Capability[];
  /** The candidate's shares of the traffic, one after the other, in percent; each is read back, and the last is 100. */
  readonly weights: readonly number[];
}

/** A strategy: what it does, from what sluice.yaml says of it. */
export type StrategyKind<Config> = (config: Config) => Omit<Strategy, 'name'>;

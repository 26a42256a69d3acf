import { direct } from './direct/steps.ts';
import type { Strategy, StrategyKind } from './kind.ts';
import type { StrategyConfig, StrategyConfigOf, StrategyName } from './schema.ts';

/** A row for each member of the union in schema.ts; one without a row does not compile. */
export const STRATEGIES: { readonly [N in StrategyName]: StrategyKind<StrategyConfigOf<N>> } = {
  direct,
};

/** The strategy that sluice.yaml or an input names. */
export function strategyOf(config: StrategyConfig): Strategy {
  const name = (typeof config === 'string' ? config : Object.keys(config)[0]) as StrategyName;
  return named(name, config);
}

/** Name and settings of one row, so that the compiler sees that they belong together. */
function named<N extends StrategyName>(name: N, config: StrategyConfigOf<N>): Strategy {
  return { name, ...STRATEGIES[name](config) };
}

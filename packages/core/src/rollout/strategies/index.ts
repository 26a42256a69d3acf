import type { Section } from '../../schema/section.ts';
import { ab } from './ab/steps.ts';
import { blueGreen } from './blue-green/steps.ts';
import { canary } from './canary/steps.ts';
import { direct } from './direct/steps.ts';
import type { Strategy, StrategyKind } from './kind.ts';
import type { StrategyConfig, StrategyConfigOf, StrategyName } from './schema.ts';
import { shadow } from './shadow/steps.ts';

/** A row for each member of the union in schema.ts; one without a row does not compile. */
export const STRATEGIES: { readonly [N in StrategyName]: StrategyKind<StrategyConfigOf<N>> } = {
  direct,
  'blue-green': blueGreen,
  canary,
  shadow,
  ab,
};

/** The strategy that sluice.yaml or an input names. Throws UserError `bad-config`. */
export function strategyOf(section: Section<StrategyConfig>): Strategy {
  const { value } = section;
  const name = (typeof value === 'string' ? value : Object.keys(value)[0]) as StrategyName;
  return named(name, section);
}

/** Name and settings of one row, so that the compiler sees that they belong together. */
function named<N extends StrategyName>(name: N, section: Section<StrategyConfigOf<N>>): Strategy {
  return { name, ...STRATEGIES[name](section) };
}

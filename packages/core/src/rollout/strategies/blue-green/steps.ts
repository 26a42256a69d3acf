import type { StrategyKind } from '../kind.ts';
import type { StrategyConfigOf } from '../schema.ts';
import { bakeOf, watching } from '../watching.ts';

/** Verified while it has no traffic, then all of it at once. */
export const blueGreen: StrategyKind<StrategyConfigOf<'blue-green'>> = ({ value, name, folder }) => {
  const settings = typeof value === 'string' ? {} : value['blue-green'];
  const place = `${name}.blue-green`;
  const steps = [{ weight: 100, bake: bakeOf(settings.bake, `${place}.bake`) }];
  return {
    needs: ['probe'],
    steps,
    keeps: 'candidate',
    ...watching({ value: settings, name: place, folder }, steps),
  };
};

import type { RolloutStep } from '../../state.ts';
import type { StrategyKind } from '../kind.ts';
import type { StrategyConfigOf } from '../schema.ts';
import { bakeOf, watching } from '../watching.ts';

/** One group gets the candidate, the other what is live; then all get the candidate. */
export const ab: StrategyKind<StrategyConfigOf<'ab'>> = ({ value: { ab: settings }, name, folder }) => {
  const place = `${name}.ab`;
  const bake = bakeOf(settings.bake, `${place}.bake`);
  const group: RolloutStep =
    'key' in settings
      ? { weight: settings.weight, bake, key: settings.key }
      : { weight: 0, bake, route: { header: settings.header, value: settings.value } };
  const steps: RolloutStep[] = [group, { weight: 100, bake: 0 }];
  return {
    needs: 'key' in settings ? ['split', 'key-split'] : ['header-route'],
    steps,
    keeps: 'candidate',
    ...watching({ value: settings, name: place, folder }, steps),
  };
};

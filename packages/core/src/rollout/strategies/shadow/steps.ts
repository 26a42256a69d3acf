import type { StrategyKind } from '../kind.ts';
import type { StrategyConfigOf } from '../schema.ts';
import { bakeOf, watching } from '../watching.ts';

/** Compared beside what is live, and taken away again. */
export const shadow: StrategyKind<StrategyConfigOf<'shadow'>> = ({
  value: { shadow: settings },
  name,
  folder,
}) => {
  const place = `${name}.shadow`;
  const { mirror } = settings;
  const steps = [
    { weight: 0, bake: bakeOf(settings.bake, `${place}.bake`), ...(mirror === undefined ? {} : { mirror }) },
  ];
  return {
    needs: ['probe', ...(mirror === undefined ? [] : (['mirror'] as const))],
    steps,
    keeps: 'stable',
    ...watching({ value: settings, name: place, folder }, steps),
  };
};

import type { StrategyKind } from '../kind.ts';

/** Verified while it has no traffic, then all of it at once. */
export const blueGreen: StrategyKind<'blue-green'> = () => ({
  needs: ['probe'],
  steps: [{ weight: 100, bake: 0 }],
  hold: 0,
  keeps: 'candidate',
});

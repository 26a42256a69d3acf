import type { StrategyKind } from '../kind.ts';

/** All traffic at once, verified in service. */
export const direct: StrategyKind<'direct'> = () => ({
  needs: [],
  steps: [{ weight: 100, bake: 0 }],
  hold: 0,
  keeps: 'candidate',
  analysis: [],
});

import type { StrategyKind } from '@sluice/core/rollout/strategies/kind.ts';

/** Half the traffic first, and the rest when the candidate was read back. */
export const halves: StrategyKind<'halves'> = () => ({
  needs: ['split'],
  steps: [
    { weight: 50, bake: 0 },
    { weight: 100, bake: 0 },
  ],
  hold: 0,
  keeps: 'candidate',
  analysis: [],
});

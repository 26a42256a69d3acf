import type { StrategyKind } from '@sluice/core/rollout/strategies/kind.ts';

/** Half the traffic first, and the rest when the candidate was read back. */
export const halves: StrategyKind<'halves'> = () => ({ needs: ['split'], weights: [50, 100] });

import type { StrategyKind } from '@sluice/core/rollout/strategies/kind.ts';

/** All traffic at once, verified in service, and read back again: for servers that restart under load. */
export const steady: StrategyKind<'steady'> = () => ({
  needs: [],
  steps: ['stage', 'switch', 'read-back', 'verify', 'read-back', 'record'],
});

import type { StrategyKind } from '../kind.ts';

/** All traffic at once, verified in service. */
export const direct: StrategyKind<'direct'> = () => ({ needs: [], weights: [100] });

import type { RolloutPlan } from './state.ts';

/** All traffic at once: the plan of a rollback, and of what is undone. */
export const AT_ONCE: RolloutPlan = {
  name: 'direct',
  steps: [{ weight: 100, bake: 0 }],
  hold: 0,
  restore: [{ weight: 100, bake: 0 }],
  keeps: 'candidate',
  probe: false,
};

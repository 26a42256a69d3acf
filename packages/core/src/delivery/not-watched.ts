import type { Scene } from '../rollout/scene.ts';
import type { Capability } from '../serving/targets/kind.ts';

/** How a candidate is watched and judged. */
export interface Watching extends Pick<Scene, 'watch' | 'judgeLabels'> {
  /** What the target has to be able to do for it. */
  readonly needs: readonly Capability[];
}

/** For rollouts whose steps are not watched. */
export const NOT_WATCHED: Watching = {
  needs: [],
  watch: () => Promise.reject(new Error('nothing was to be watched')),
  judgeLabels: () => Promise.reject(new Error('no labels were waited for')),
};

import type { WrittenCondition } from './schema.ts';

/** A rule of the kind, which the test of all kinds settles and judges. */
export const EXAMPLE: WrittenCondition = {
  condition: 'n - o > 0 +/- 0.2',
  reliability: 0.95,
  mode: 'fp-free',
  adaptivity: 'first-change',
  steps: 4,
};

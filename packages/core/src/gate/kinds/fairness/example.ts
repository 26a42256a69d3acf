import type { WrittenFairness } from './schema.ts';

/** A rule of the kind, which the test of all kinds settles and judges. */
export const EXAMPLE: WrittenFairness = {
  fairness: 'demographic-parity',
  by: 'group',
  'max-difference': 0.3,
  'max-regression': 0.1,
};

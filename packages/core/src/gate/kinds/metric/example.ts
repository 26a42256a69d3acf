import type { WrittenMetric } from './schema.ts';

/** A rule of the kind, which the test of all kinds settles and judges. */
export const EXAMPLE: WrittenMetric = {
  metric: 'accuracy',
  'max-regression': 0.02,
  slices: [{ by: 'group' }],
};

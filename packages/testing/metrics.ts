import { COMPUTED_NAMES } from '@sluice/core/gate/metrics/catalogue.ts';

/** One name of every metric that is computed from predictions, its number filled in. */
export const EVERY_METRIC: readonly string[] = COMPUTED_NAMES.map((name) =>
  name.replace('p<q>-ms', 'p90-ms').replace('<q>', '0.9').replace('<k>', '3'),
);

import type { Sample } from '../sample.ts';
import { hits } from './classification.ts';
import { brierTerms, logLossTerms } from './probability.ts';
import { absoluteErrors, relativeErrors } from './regression.ts';

/** The metrics that are the plain mean of one number per row, and those numbers. */
export const ROW_MEANS: ReadonlyMap<string, (sample: Sample) => Float64Array> = new Map(
  Object.entries({
    accuracy: hits,
    'log-loss': logLossTerms,
    brier: brierTerms,
    mae: absoluteErrors,
    mape: relativeErrors,
  }),
);

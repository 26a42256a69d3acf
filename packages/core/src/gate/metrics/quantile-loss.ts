import { numericPairs, type Sample } from '../sample.ts';

/**
 * What each row adds to the pinball loss of a predicted quantile, q·(y − ŷ) where the label is above the prediction and
 * (1 − q)·(ŷ − y) where it is below, in the label's unit (Koenker & Bassett, Econometrica 46, 1978; scikit-learn
 * `mean_pinball_loss`).
 */
export function pinballTerms(sample: Sample, quantile: number): Float64Array {
  const { truth, guess } = numericPairs(sample);
  return truth.map((y, i) => {
    const short = y - (guess[i] as number);
    return short >= 0 ? quantile * short : (quantile - 1) * short;
  });
}

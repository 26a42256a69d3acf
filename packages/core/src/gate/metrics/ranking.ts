import { MetricError } from '../measurement.ts';
import { encodeBinary, needScore, type Sample } from '../sample.ts';
import { exactSum } from './sum.ts';

/** Scores of the positive and of the negative rows, each ascending. */
export interface RankedScores {
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/** Throws MetricError where there is no score or no binary label. */
export function rankScores(sample: Sample): RankedScores {
  const score = needScore(sample);
  const { truth, positives: count } = encodeBinary(sample);
  const positives = new Float64Array(count);
  const negatives = new Float64Array(sample.rows - count);
  let hits = 0;
  for (let row = 0; row < sample.rows; row++) {
    if (truth[row] === 1) positives[hits++] = score[row] as number;
    else negatives[row - hits] = score[row] as number;
  }
  return { positives: positives.sort(), negatives: negatives.sort() };
}

/** Visits the different scores from the highest down, with how many positives and negatives have each. */
export function eachTie(
  { positives, negatives }: RankedScores,
  visit: (hits: number, misses: number) => void,
): void {
  let p = positives.length;
  let n = negatives.length;
  while (p + n > 0) {
    const [beforeP, beforeN] = [p, n];
    const value = Math.max(positives[p - 1] ?? -Infinity, negatives[n - 1] ?? -Infinity);
    while (p > 0 && positives[p - 1] === value) p--;
    while (n > 0 && negatives[n - 1] === value) n--;
    visit(beforeP - p, beforeN - n);
  }
}

/**
 * Area under the ROC curve: the share of pairs of a positive and a negative that the score orders rightly, ties
 * counting half (Mann–Whitney U with midranks; Hanley & McNeil 1982; scikit-learn `roc_auc_score`).
 * Whole numbers until the last division, so ties and row order lose nothing.
 */
export function auc(sample: Sample): number {
  const ranked = rankScores(sample);
  const [positives, negatives] = [ranked.positives.length, ranked.negatives.length];
  if (positives === 0 || negatives === 0) {
    throw new MetricError(
      'undefined-metric',
      `AUC compares positives with negatives, but there are ${positives} positive and ${negatives} negative rows.`,
    );
  }
  let above = 0;
  let twicePairs = 0;
  eachTie(ranked, (hits, misses) => {
    twicePairs += misses * (2 * above + hits);
    above += hits;
  });
  return twicePairs / 2 / (positives * negatives);
}

/**
 * Average precision: Σ (R_k − R_(k−1)) P_k over the distinct scores from the highest down, without interpolation
 * (scikit-learn `average_precision_score`).
 */
export function averagePrecision(sample: Sample): number {
  const ranked = rankScores(sample);
  const positives = ranked.positives.length;
  if (positives === 0) {
    throw new MetricError('undefined-metric', 'No row is positive, so average precision is not defined.');
  }
  const terms = new Float64Array(positives);
  let found = 0;
  let seen = 0;
  eachTie(ranked, (hits, misses) => {
    seen += hits + misses;
    // One term for each score that a positive has, at the place of the first of them.
    if (hits > 0) terms[found] = (hits / positives) * ((found + hits) / seen);
    found += hits;
  });
  return exactSum(terms);
}

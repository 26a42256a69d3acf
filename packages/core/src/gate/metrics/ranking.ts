import { MetricError } from '../measurement.ts';
import { encodeBinary, needScore, type Sample } from '../sample.ts';
import { sumOf } from './sum.ts';

/** Rows of equal score, from the highest score to the lowest. */
interface Tie {
  readonly positives: number;
  readonly negatives: number;
}

function tiesByScore(sample: Sample): { ties: Tie[]; positives: number; negatives: number } {
  const score = needScore(sample);
  const { truth, positives } = encodeBinary(sample);
  const order = Uint32Array.from(score, (_, i) => i).sort(
    (a, b) => (score[b] as number) - (score[a] as number),
  );
  const ties: Tie[] = [];
  for (let start = 0; start < order.length;) {
    const value = score[order[start] as number];
    let end = start;
    let hits = 0;
    for (; end < order.length && score[order[end] as number] === value; end++) {
      hits += truth[order[end] as number] as number;
    }
    ties.push({ positives: hits, negatives: end - start - hits });
    start = end;
  }
  return { ties, positives, negatives: sample.rows - positives };
}

/**
 * Area under the ROC curve: the share of pairs of a positive and a negative that the score orders rightly, ties
 * counting half (Mann–Whitney U with midranks; Hanley & McNeil 1982; scikit-learn `roc_auc_score`).
 * Whole numbers until the last division, so ties and row order lose nothing.
 */
export function auc(sample: Sample): number {
  const { ties, positives, negatives } = tiesByScore(sample);
  if (positives === 0 || negatives === 0) {
    throw new MetricError(
      'undefined-metric',
      `AUC compares positives with negatives, but there are ${positives} positive and ${negatives} negative rows.`,
    );
  }
  let above = 0;
  let twicePairs = 0;
  for (const tie of ties) {
    twicePairs += tie.negatives * (2 * above + tie.positives);
    above += tie.positives;
  }
  return twicePairs / 2 / (positives * negatives);
}

/**
 * Average precision: Σ (R_k − R_(k−1)) P_k over the distinct scores from the highest down, without interpolation
 * (scikit-learn `average_precision_score`).
 */
export function averagePrecision(sample: Sample): number {
  const { ties, positives } = tiesByScore(sample);
  if (positives === 0) {
    throw new MetricError('undefined-metric', 'No row is positive, so average precision is not defined.');
  }
  let hits = 0;
  let seen = 0;
  return sumOf(ties.length, (k) => {
    const tie = ties[k] as Tie;
    hits += tie.positives;
    seen += tie.positives + tie.negatives;
    return (tie.positives / positives) * (hits / seen);
  });
}

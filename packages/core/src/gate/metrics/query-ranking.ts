import { MetricError } from '../measurement.ts';
import { needScore, numbersOf, needRows, type Sample } from '../sample.ts';

/** Rows of one query with the same score, one after the other in the ranking. */
interface Tie {
  /** Ranks before it. */
  readonly above: number;
  /** The labels of its rows. */
  readonly relevances: readonly number[];
}

/**
 * For each query 1/rank of its first relevant row (label above 0) from the highest score down, 0 where there is none
 * among the first `most` ranks (Voorhees, TREC-8, 1999). Rows of equal score may stand in any order, so it is the mean
 * over all their orders, as nDCG below has it (McSherry & Najork, ECIR 2008).
 */
export function reciprocalRanks(sample: Sample, most: number): Float64Array {
  return perQuery(sample, (ties) => {
    const tie = ties.find(({ relevances }) => relevances.some((r) => r > 0));
    return tie === undefined ? 0 : expectedReciprocalRank(tie, most);
  });
}

/** Σ 1/rank · P(the first relevant row of the tie comes there), in a random order. */
function expectedReciprocalRank({ above, relevances }: Tie, most: number): number {
  const size = relevances.length;
  const relevant = relevances.filter((r) => r > 0).length;
  let noneBefore = 1;
  let sum = 0;
  for (let place = 0; place <= size - relevant && above + place < most; place++) {
    const here = relevant / (size - place);
    sum += (noneBefore * here) / (above + place + 1);
    noneBefore *= 1 - here;
  }
  return sum;
}

/**
 * For each query the discounted cumulative gain Σ label/log₂(rank + 1) over the first `most` ranks, as a share of the
 * best order's (Järvelin & Kekäläinen, ACM TOIS 20, 2002; scikit-learn `ndcg_score`). Rows of equal score share their
 * gains (McSherry & Najork, ECIR 2008). 0 for a query without a relevant row, as scikit-learn has it.
 */
export function discountedGains(sample: Sample, most: number): Float64Array {
  return perQuery(sample, (ties) => {
    const gain = (groups: readonly Tie[]): number =>
      groups.reduce((sum, { above, relevances }) => {
        const mean = relevances.reduce((total, r) => total + r, 0) / relevances.length;
        return sum + mean * discounts(above, Math.min(above + relevances.length, most));
      }, 0);
    const best = ties.flatMap(({ relevances }) => relevances).sort((a, b) => b - a);
    const ideal = gain(best.map((relevance, above) => ({ above, relevances: [relevance] })));
    return ideal === 0 ? 0 : gain(ties) / ideal;
  });
}

/** Σ 1/log₂(rank + 1) over the ranks after `from` up to `to`. */
function discounts(from: number, to: number): number {
  let sum = 0;
  for (let rank = from + 1; rank <= to; rank++) sum += 1 / Math.log2(rank + 1);
  return sum;
}

/** Throws MetricError where rows belong to no query, or a label is no relevance. */
function perQuery(sample: Sample, value: (ties: readonly Tie[]) => number): Float64Array {
  needRows(sample);
  const { queries } = sample;
  if (queries === undefined) {
    throw new MetricError(
      'missing-metric',
      'It is not known which rows answer the same query. Name the column under columns.query.',
    );
  }
  const score = needScore(sample);
  const relevance = numbersOf(sample.label, 'label');
  const negative = relevance.findIndex((r) => r < 0);
  if (negative >= 0) {
    throw new MetricError(
      'undefined-metric',
      `The label of row ${negative + 1} is ${relevance[negative]}. A relevance is 0 or more.`,
    );
  }
  const rows = Array.from({ length: queries.count }, (): number[] => []);
  queries.of.forEach((query, row) => rows[query]?.push(row));
  return Float64Array.from(rows, (own) => value(rank(own, score, relevance)));
}

function rank(rows: readonly number[], score: Float64Array, relevance: Float64Array): Tie[] {
  // Rows of equal score are ordered too, so that the order of the file cannot change the last digit of a sum.
  const order = [...rows].sort(
    (a, b) =>
      (score[b] as number) - (score[a] as number) || (relevance[b] as number) - (relevance[a] as number),
  );
  const ties: { above: number; relevances: number[] }[] = [];
  order.forEach((row, above) => {
    const isTied = above > 0 && score[order[above - 1] as number] === score[row];
    if (isTied) ties.at(-1)?.relevances.push(relevance[row] as number);
    else ties.push({ above, relevances: [relevance[row] as number] });
  });
  return ties;
}

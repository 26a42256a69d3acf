/** Two areas under the ROC curve on the same rows: their difference and its standard error. */
export interface AreaDifference {
  readonly difference: number;
  readonly standardError: number;
}

/**
 * DeLong's estimate for two correlated areas (DeLong, DeLong & Clarke-Pearson, Biometrics 44, 1988). The placements that
 * it averages come from sorted scores (Sun & Xu, IEEE Signal Process. Lett. 21, 2014), in O(n log n) and in doubles.
 * `truth` is 1 for positive rows. There must be a positive and a negative row.
 */
export function delong(truth: Uint8Array, candidate: Float64Array, baseline: Float64Array): AreaDifference {
  const positives = placementSpread(1, truth, candidate, baseline);
  const negatives = placementSpread(0, truth, candidate, baseline);
  return {
    difference: positives.mean,
    standardError: Math.sqrt(positives.variance / positives.rows + negatives.variance / negatives.rows),
  };
}

/**
 * Over the rows of one class, how much the shares of the other class's rows below them differ: mean and sample variance
 * (Welford, Technometrics 4, 1962), for which one row counts as 0. A negative's placement is the share of positives
 * above it, whose differences vary as those of the share below.
 */
function placementSpread(
  own: 0 | 1,
  truth: Uint8Array,
  candidate: Float64Array,
  baseline: Float64Array,
): { rows: number; mean: number; variance: number } {
  const otherOfCandidate = sortedOf(1 - own, truth, candidate);
  const otherOfBaseline = sortedOf(1 - own, truth, baseline);
  let rows = 0;
  let mean = 0;
  let squares = 0;
  for (let i = 0; i < truth.length; i++) {
    if (truth[i] !== own) continue;
    const x =
      shareBelow(otherOfCandidate, candidate[i] as number) -
      shareBelow(otherOfBaseline, baseline[i] as number);
    const before = x - mean;
    mean += before / ++rows;
    squares += before * (x - mean);
  }
  return { rows, mean, variance: rows > 1 ? squares / (rows - 1) : 0 };
}

function sortedOf(wanted: number, truth: Uint8Array, score: Float64Array): Float64Array {
  let count = 0;
  for (const one of truth) if (one === wanted) count++;
  const scores = new Float64Array(count);
  let next = 0;
  for (let i = 0; i < truth.length; i++) if (truth[i] === wanted) scores[next++] = score[i] as number;
  return scores.sort();
}

/** Ties count half. */
function shareBelow(sorted: Float64Array, x: number): number {
  const below = firstAt(sorted, 0, (value) => value >= x);
  const upTo = sorted[below] === x ? firstAt(sorted, below, (value) => value > x) : below;
  return (below + upTo) / 2 / sorted.length;
}

/** The first place from `low` on whose value is as wanted; all later ones must be so too. */
function firstAt(sorted: Float64Array, low: number, isWanted: (value: number) => boolean): number {
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isWanted(sorted[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

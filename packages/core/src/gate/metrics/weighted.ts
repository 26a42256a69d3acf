import { groupsOf } from '../groups.ts';
import { MetricError } from '../measurement.ts';
import { everyRepeat } from '../repeats.ts';
import { encodeBinary, needScore, numericPairs, type Encoded, type Sample } from '../sample.ts';
import { CALIBRATION_BINS, calibrationBin } from './calibration.ts';
import { COUNT_METRICS, countRows, encodeFor, type CountMetric } from './classification.ts';
import { latencyQuantile, needLatency } from './latency.ts';
import { squaredErrors } from './regression.ts';
import { unitMean } from './unit-means.ts';

/** A metric of rows that count `weights[i]` times each; NaN where it is not defined. */
export type WeightedMetric = (weights: Uint32Array) => number;

/**
 * How much a metric of two models differs, as a function of the weights of their common rows: what does not depend on
 * the weights (class codes, the order of scores, row losses) is computed once. Plain sums, because a resample needs no
 * more digits than its noise leaves. Undefined for a metric that is not computed from predictions; throws MetricError
 * like the metric itself.
 */
export function weightedDifference(
  metric: string,
  candidate: Sample,
  baseline: Sample,
): WeightedMetric | undefined {
  const own = meanOfRepeats(metric, candidate);
  const other = meanOfRepeats(metric, baseline);
  return own === undefined || other === undefined ? undefined : (weights) => own(weights) - other(weights);
}

function meanOfRepeats(metric: string, sample: Sample): WeightedMetric | undefined {
  const metrics = everyRepeat(sample).flatMap((one) => weightedMetric(metric, one) ?? []);
  if (metrics.length <= 1) return metrics[0];
  return (weights) => metrics.reduce((sum, of) => sum + of(weights), 0) / metrics.length;
}

function weightedMetric(metric: string, sample: Sample): WeightedMetric | undefined {
  const mean = unitMean(metric);
  if (mean?.unit === 'row') return weightedMean(mean.terms(sample));
  const ofCounts = COUNT_METRICS.get(metric);
  if (ofCounts !== undefined) return countMetric(ofCounts, sample);
  const quantile = latencyQuantile(metric);
  if (quantile !== undefined) return weightedQuantile(sample, quantile);
  switch (metric) {
    case 'auc':
      return ranked(sample, areaUnderCurve);
    case 'average-precision':
      return ranked(sample, precisionSum);
    case 'ece':
      return ranked(sample, calibrationError);
    case 'rmse':
      return rootMeanSquare(sample);
    case 'r2':
      return explained(sample);
    default:
      return undefined;
  }
}

/** Rows with the same label and the same prediction are one kind of row, and there are few kinds. */
function countMetric(metric: CountMetric, sample: Sample): WeightedMetric {
  const { encoded, positive } = encodeFor(metric, sample);
  const kinds = groupsOf(
    encoded.truth.map((truth, row) => truth * encoded.classes.length + (encoded.guess[row] as number)),
  );
  const first = new Uint32Array(kinds.count);
  for (let row = kinds.of.length - 1; row >= 0; row--) first[kinds.of[row] as number] = row;
  const kept = oneOfEach(encoded, first);
  const tally = new Uint32Array(kinds.count);
  return (weights) => {
    tally.fill(0);
    for (let row = 0; row < weights.length; row++) {
      const kind = kinds.of[row] as number;
      tally[kind] = (tally[kind] as number) + (weights[row] as number);
    }
    try {
      return metric.of(countRows(kept, tally), positive);
    } catch (error) {
      if (error instanceof MetricError) return NaN;
      throw error;
    }
  };
}

function oneOfEach({ classes, truth, guess }: Encoded, rows: Uint32Array): Encoded {
  const take = (codes: Int32Array): Int32Array => Int32Array.from(rows, (row) => codes[row] as number);
  return { classes, truth: take(truth), guess: take(guess) };
}

/** The mean of the values, each counting as often as its row. */
export function weightedMean(values: Float64Array): WeightedMetric {
  return (weights) => {
    let sum = 0;
    let rows = 0;
    for (let i = 0; i < values.length; i++) {
      const w = weights[i] as number;
      sum += w * (values[i] as number);
      rows += w;
    }
    return sum / rows;
  };
}

/** The quantile of the latencies repeated as often as their rows count. */
function weightedQuantile(sample: Sample, quantile: number): WeightedMetric {
  const latency = needLatency(sample);
  const order = Uint32Array.from(latency, (_, i) => i).sort(
    (a, b) => (latency[a] as number) - (latency[b] as number),
  );
  return (weights) => {
    const rows = weights.reduce((sum, w) => sum + w, 0);
    const at = quantile * (rows - 1);
    const low = Math.floor(at);
    const high = Math.ceil(at);
    let seen = 0;
    let from: number | undefined;
    for (const row of order) {
      seen += weights[row] as number;
      const value = latency[row] as number;
      if (seen > low) from ??= value;
      if (from !== undefined && seen > high) return from + (at - low) * (value - from);
    }
    return NaN;
  };
}

function rootMeanSquare(sample: Sample): WeightedMetric {
  const mean = weightedMean(squaredErrors(sample));
  return (weights) => Math.sqrt(mean(weights));
}

function explained(sample: Sample): WeightedMetric {
  const { truth } = numericPairs(sample);
  const centre = truth.reduce((sum, y) => sum + y, 0) / truth.length;
  const error = weightedMean(squaredErrors(sample));
  const offset = weightedMean(truth.map((y) => y - centre));
  const square = weightedMean(truth.map((y) => (y - centre) ** 2));
  return (weights) => {
    const spread = square(weights);
    const variance = spread - offset(weights) ** 2;
    // Rows that are all alike have no variance; what is left of it is rounding.
    return variance > 1e-12 * spread ? 1 - error(weights) / variance : NaN;
  };
}

/** Rows from the highest score down, with the places where a new score begins. */
interface Ranking {
  readonly order: Uint32Array;
  readonly score: Float64Array;
  readonly truth: Uint8Array;
  readonly ends: Uint32Array;
}

function ranked(sample: Sample, metric: (ranking: Ranking, weights: Uint32Array) => number): WeightedMetric {
  const score = needScore(sample);
  const { truth } = encodeBinary(sample);
  const order = Uint32Array.from(score, (_, i) => i).sort(
    (a, b) => (score[b] as number) - (score[a] as number),
  );
  const ends = order
    .map((_, i) => i + 1)
    .filter((end) => score[order[end - 1] ?? 0] !== score[order[end] ?? -1]);
  const ranking = {
    order,
    score: Float64Array.from(order, (row) => score[row] as number),
    truth: Uint8Array.from(order, (row) => truth[row] as number),
    ends,
  };
  return (weights) => metric(ranking, weights);
}

function areaUnderCurve({ order, truth, ends }: Ranking, weights: Uint32Array): number {
  let above = 0;
  let negativesSeen = 0;
  let twicePairs = 0;
  let i = 0;
  for (const end of ends) {
    let hits = 0;
    let misses = 0;
    for (; i < end; i++) {
      const w = weights[order[i] as number] as number;
      if (truth[i] === 1) hits += w;
      else misses += w;
    }
    twicePairs += misses * (2 * above + hits);
    above += hits;
    negativesSeen += misses;
  }
  return twicePairs / 2 / (above * negativesSeen);
}

function precisionSum({ order, truth, ends }: Ranking, weights: Uint32Array): number {
  let positives = 0;
  let seen = 0;
  let sum = 0;
  let i = 0;
  for (const end of ends) {
    let hits = 0;
    for (; i < end; i++) {
      const w = weights[order[i] as number] as number;
      seen += w;
      if (truth[i] === 1) hits += w;
    }
    if (hits === 0) continue;
    positives += hits;
    sum += (hits * positives) / seen;
  }
  return sum / positives;
}

function calibrationError({ order, score, truth, ends }: Ranking, weights: Uint32Array): number {
  const rows = weights.reduce((sum, w) => sum + w, 0);
  const gaps = new Float64Array(CALIBRATION_BINS);
  let seen = 0;
  let i = 0;
  for (const end of ends) {
    const start = seen;
    let gap = 0;
    for (; i < end; i++) {
      const w = weights[order[i] as number] as number;
      seen += w;
      gap += w * ((score[i] as number) - (truth[i] as number));
    }
    if (seen === start) continue;
    const bin = calibrationBin(start, seen, rows);
    gaps[bin] = (gaps[bin] as number) + gap;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / rows;
}

import { encodeBinary, type Sample } from '../sample.ts';
import { needProbability } from './probability.ts';
import { exactSum, sumOf } from './sum.ts';

/** As many bins as the field compares with (Guo et al., ICML 2017). */
export const CALIBRATION_BINS = 15;

/**
 * The bin of rows with one score that are the `start`th to the one before the `end`th of `rows`, from the highest score
 * down. They share the bin of their middle, so that neither the order of rows nor a tie over a border changes a bin.
 */
export function calibrationBin(start: number, end: number, rows: number): number {
  return Math.floor((CALIBRATION_BINS * (start + end)) / (2 * rows));
}

/** Rows of about the same score: what was predicted for them, and what became of them. */
export interface CalibrationBin {
  readonly rows: number;
  /** Sum of the probabilities of the positive class. */
  readonly expected: number;
  /** How many are positive. */
  readonly positives: number;
}

/**
 * The bins of a reliability diagram, from the lowest score up: 15 of as many rows each; empty ones are left out, which
 * ties cause. Throws MetricError where there is no probability or no binary label.
 */
export function calibrationBins(sample: Sample): CalibrationBin[] {
  const score = needProbability(sample);
  const { truth } = encodeBinary(sample);
  const order = Uint32Array.from(score, (_, i) => i).sort(
    (a, b) => (score[b] as number) - (score[a] as number),
  );
  const bins = Array.from({ length: CALIBRATION_BINS }, (): number[] => []);
  for (let start = 0; start < order.length;) {
    const value = score[order[start] as number];
    let end = start;
    while (end < order.length && score[order[end] as number] === value) end++;
    const bin = bins[calibrationBin(start, end, order.length)] as number[];
    for (; start < end; start++) bin.push(order[start] as number);
  }
  return bins
    .filter((rows) => rows.length > 0)
    .map((rows) => ({
      rows: rows.length,
      expected: exactSum(Float64Array.from(rows, (row) => score[row] as number)),
      positives: rows.reduce((sum, row) => sum + (truth[row] as number), 0),
    }))
    .reverse();
}

/**
 * Expected calibration error of the positive class's probability: Σ_b n_b/n · |mean probability − share of positives|
 * over 15 bins of as many rows each (Naeini et al., AAAI 2015; bins of equal mass: Nixon et al., "Measuring Calibration
 * in Deep Learning", 2019). From 0 to 1. A perfectly calibrated model is above 0 too, the more so the fewer rows there are.
 */
export function ece(sample: Sample): number {
  const gaps = calibrationBins(sample).map(({ expected, positives }) => Math.abs(expected - positives));
  return sumOf(gaps.length, (b) => gaps[b] as number) / sample.rows;
}

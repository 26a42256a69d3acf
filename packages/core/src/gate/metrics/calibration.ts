import { MetricError } from '../measurement.ts';
import type { Sample } from '../sample.ts';
import { needProbability } from './probability.ts';
import { eachTie, rankScores } from './ranking.ts';
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
  needProbability(sample);
  const ranked = rankScores(sample);
  const counts = Array.from({ length: CALIBRATION_BINS }, () => ({ hits: 0, misses: 0 }));
  let seen = 0;
  eachTie(ranked, (hits, misses) => {
    const start = seen;
    seen += hits + misses;
    const bin = counts[calibrationBin(start, seen, sample.rows)] as (typeof counts)[0];
    bin.hits += hits;
    bin.misses += misses;
  });
  let [p, n] = [ranked.positives.length, ranked.negatives.length];
  return counts
    .map(({ hits, misses }) => {
      const scores = new Float64Array(hits + misses);
      scores.set(ranked.positives.subarray(p - hits, p));
      scores.set(ranked.negatives.subarray(n - misses, n), hits);
      [p, n] = [p - hits, n - misses];
      return { rows: scores.length, expected: exactSum(scores), positives: hits };
    })
    .filter(({ rows }) => rows > 0)
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

/** The same for a diagram: scores that are no probabilities of one of two classes have none; a rule on them says why. */
export function calibrationOf(sample: Sample | undefined): CalibrationBin[] {
  if (sample?.score === undefined) return [];
  try {
    return calibrationBins(sample);
  } catch (error) {
    if (error instanceof MetricError) return [];
    throw error;
  }
}

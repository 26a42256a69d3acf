import { hits } from '../metrics/classification.ts';
import { ROW_MEANS } from '../metrics/row-means.ts';
import { weightedDifference } from '../metrics/weighted.ts';
import { encodeBinary, encodeClasses, needScore, takeRows, type Sample, type Values } from '../sample.ts';
import { bootstrap } from './bootstrap.ts';
import type { TestName } from './choice.ts';
import { delong } from './delong.ts';
import {
  fromAreas,
  fromCounts,
  fromDifferences,
  fromResamples,
  identical,
  type Estimate,
} from './estimate.ts';
import { clustersOf, type Clusters } from './mean.ts';
import { strataOf, type Design } from './resample.ts';

/** Two models on the same rows, in the same order. */
export interface Pair {
  readonly candidate: Sample;
  readonly baseline: Sample;
  /** For each row the cluster that it belongs to; absent where rows are independent. */
  readonly clusters?: readonly (string | null)[];
}

export interface CompareOptions {
  /** Level of the two-sided interval, such as 0.95. */
  readonly confidence: number;
  /** Where the bootstrap starts. */
  readonly seed: number;
}

/**
 * Estimates how much a metric differs. The metric must be defined for both models, and `test` be one of its
 * suitableTests. The order of rows changes nothing.
 */
export function comparePair(metric: string, test: TestName, pair: Pair, options: CompareOptions): Estimate {
  switch (test) {
    case 'mcnemar':
      return compareHits(metric, pair, options);
    case 'delong':
      return compareAreas(pair, options);
    case 'paired-t':
      return compareMeans(metric, pair, options);
    case 'bootstrap':
      return compareResampled(metric, pair, options);
  }
}

function compareHits(metric: string, pair: Pair, { confidence }: CompareOptions): Estimate {
  const { candidate, baseline } = judgedRows(metric, pair);
  if (sameValues(encodeClasses(candidate), encodeClasses(baseline)))
    return identical('mcnemar', candidate.rows);
  const own = hits(candidate);
  const other = hits(baseline);
  let better = 0;
  let worse = 0;
  for (let i = 0; i < own.length; i++) {
    const d = (own[i] as number) - (other[i] as number);
    if (d > 0) better++;
    else if (d < 0) worse++;
  }
  return fromCounts({ rows: candidate.rows, better, worse }, confidence);
}

function sameValues(
  a: { guess: Int32Array; classes: readonly string[] },
  b: { guess: Int32Array; classes: readonly string[] },
): boolean {
  return a.guess.every((code, i) => a.classes[code] === b.classes[b.guess[i] as number]);
}

/** Recall looks at the positive rows only, and is their share of hits. */
function judgedRows(metric: string, pair: Pair): Pair {
  if (metric !== 'recall') return pair;
  const { truth } = encodeBinary(pair.candidate);
  const rows = Uint32Array.from(truth, (_, i) => i).filter((i) => truth[i] === 1);
  return takePair(pair, rows);
}

/** The rows `rows` (indices) of both models. */
export function takePair({ candidate, baseline, clusters }: Pair, rows: Uint32Array): Pair {
  return {
    candidate: takeRows(candidate, rows),
    baseline: takeRows(baseline, rows),
    ...(clusters === undefined
      ? {}
      : { clusters: Array.from(rows, (row) => clusters[row] as string | null) }),
  };
}

function compareAreas({ candidate, baseline }: Pair, { confidence }: CompareOptions): Estimate {
  const own = needScore(candidate);
  const other = needScore(baseline);
  if (own.every((x, i) => x === other[i])) return identical('delong', candidate.rows);
  return fromAreas(delong(encodeBinary(candidate).truth, own, other), candidate.rows, confidence);
}

function compareMeans(metric: string, pair: Pair, { confidence }: CompareOptions): Estimate {
  const judged = judgedRows(metric, pair);
  const values = ROW_MEANS.get(metric) ?? hits;
  const other = values(judged.baseline);
  const differences = values(judged.candidate).map((x, i) => x - (other[i] as number));
  return fromDifferences(differences, clustering(judged), confidence);
}

function clustering({ clusters }: Pair): Clusters | undefined {
  return clusters === undefined ? undefined : clustersOf(clusters);
}

/** Row draws that a comparison may cost, about a second; more rows need fewer resamples for the same accuracy. */
const MOST_DRAWS = 5e7;
const MOST_RESAMPLES = 9_999;
const FEWEST_RESAMPLES = 2_000;

function compareResampled(metric: string, given: Pair, { confidence, seed }: CompareOptions): Estimate {
  const { rows } = given.candidate;
  if (sayTheSame(given.candidate, given.baseline)) return identical('bootstrap', rows);
  const pair = takePair(given, canonicalOrder(given));
  const difference = weightedDifference(metric, pair.candidate, pair.baseline);
  if (difference === undefined) throw new Error(`'${metric}' cannot be resampled`);
  const clusters = clustering(pair);
  const resamples = Math.max(FEWEST_RESAMPLES, Math.min(MOST_RESAMPLES, Math.floor(MOST_DRAWS / rows)));
  const result = bootstrap(difference, design(metric, pair, clusters), { resamples, seed });
  return fromResamples(result, { rows, resamples, clusters: clusters?.count }, confidence);
}

/** Defined for rows of one class too, and dependent on the share of each. */
const NEEDS_NO_STRATA: ReadonlySet<string> = new Set([...ROW_MEANS.keys(), 'rmse', 'r2', 'ece']);

/** Metrics of classes and ranks are resampled within each label, so that no resample lacks a class. */
function design(metric: string, { candidate }: Pair, clusters: Clusters | undefined): Design {
  const { rows } = candidate;
  if (clusters !== undefined) return { kind: 'clusters', rows, clusters };
  if (NEEDS_NO_STRATA.has(metric)) return { kind: 'rows', rows };
  const labels = { rows, label: candidate.label, prediction: candidate.label };
  return { kind: 'strata', rows, strata: strataOf(encodeClasses(labels).truth) };
}

function sayTheSame(a: Sample, b: Sample): boolean {
  return columnsOf(a).every((column, c) => {
    const other = columnsOf(b)[c];
    return other !== undefined && column.every((value: string | number, i: number) => value === other[i]);
  });
}

function columnsOf(sample: Sample): Values[] {
  const columns = [sample.label, sample.prediction, sample.score, ...(sample.classScores?.values() ?? [])];
  return columns.filter((column) => column !== undefined);
}

/** Rows sorted by what they hold, so that a seed draws the same rows whatever order they came in. */
function canonicalOrder({ candidate, baseline, clusters }: Pair): Uint32Array {
  const columns: ArrayLike<string | number>[] = [...columnsOf(candidate), ...columnsOf(baseline)];
  if (clusters !== undefined) columns.unshift(clusters.map((c) => c ?? ''));
  return Uint32Array.from({ length: candidate.rows }, (_, i) => i).sort((a, b) => {
    for (const column of columns) {
      const x = column[a] as string | number;
      const y = column[b] as string | number;
      if (x < y) return -1;
      if (x > y) return 1;
    }
    return 0;
  });
}

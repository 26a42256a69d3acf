import { groupsOf, type Groups } from '../groups.ts';
import { computeMetric } from '../metrics/catalogue.ts';
import { COUNT_METRICS, hits } from '../metrics/classification.ts';
import { latencyQuantile } from '../metrics/latency.ts';
import { meanOf } from '../metrics/sum.ts';
import { unitMean } from '../metrics/unit-means.ts';
import { weightedDifference, weightedMean, type WeightedMetric } from '../metrics/weighted.ts';
import { everyRepeat, meanTerms } from '../repeats.ts';
import { encodeBinary, encodeClasses, needScore, takeRows, type Sample, type Values } from '../sample.ts';
import { bootstrap } from './bootstrap.ts';
import type { Layout, TestName } from './choice.ts';
import { delong } from './delong.ts';
import {
  fromAreas,
  fromCounts,
  fromDifferences,
  fromResamples,
  identical,
  type Estimate,
} from './estimate.ts';
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

/** How the rows of two models belong together. */
export function layoutOf({ candidate, baseline, clusters }: Pair): Layout {
  const repeated = everyRepeat(candidate).length > 1 || everyRepeat(baseline).length > 1;
  return { clustered: clusters !== undefined, repeated };
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
  const [own, other] = [encodeClasses(candidate), encodeClasses(baseline)];
  if (sameValues(own, other)) return identical('mcnemar', candidate.rows);
  let better = 0;
  let worse = 0;
  for (let i = 0; i < candidate.rows; i++) {
    const isRight = own.truth[i] === own.guess[i];
    if (isRight === (other.truth[i] === other.guess[i])) continue;
    if (isRight) better++;
    else worse++;
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
  const { truth, positives } = encodeBinary(pair.candidate);
  const rows = new Uint32Array(positives);
  let next = 0;
  for (let row = 0; row < truth.length; row++) if (truth[row] === 1) rows[next++] = row;
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
  const { own, other, clusters } = unitTerms(metric, judgedRows(metric, pair));
  const differences = own.map((x, i) => x - (other[i] as number));
  return fromDifferences(differences, clusters === undefined ? undefined : groupsOf(clusters), confidence);
}

/** What each unit of a mean adds to it, for both models, and the units' clusters. */
interface UnitTerms {
  readonly own: Float64Array;
  readonly other: Float64Array;
  readonly clusters: readonly (string | null)[] | undefined;
}

function unitTerms(metric: string, { candidate, baseline, clusters }: Pair): UnitTerms {
  // Recall, on the positive rows, is the only mean that unitMean does not know.
  const { unit, terms } = unitMean(metric) ?? { unit: 'row', terms: hits };
  const queries = unit === 'query' ? candidate.queries : undefined;
  return {
    own: meanTerms(candidate, terms),
    other: meanTerms(baseline, terms),
    clusters: queries === undefined || clusters === undefined ? clusters : ofEach(queries, clusters),
  };
}

/** For each group what its first row has; the rows of a query are all of one cluster. */
function ofEach({ of, count }: Groups, values: readonly (string | null)[]): (string | null)[] {
  const found = new Array<string | null>(count);
  for (let row = of.length - 1; row >= 0; row--) found[of[row] as number] = values[row] as string | null;
  return found;
}

/** Row draws that a comparison may cost, about a second; more rows need fewer resamples for the same accuracy. */
const MOST_DRAWS = 5e7;
const MOST_RESAMPLES = 9_999;
const FEWEST_RESAMPLES = 2_000;

function compareResampled(metric: string, pair: Pair, options: CompareOptions): Estimate {
  const resampling =
    unitMean(metric)?.unit === 'query' ? queriesToResample(metric, pair) : rowsToResample(metric, pair);
  const { units, isSame, difference, design } = resampling;
  if (isSame) return identical('bootstrap', units);
  const resamples = Math.max(FEWEST_RESAMPLES, Math.min(MOST_RESAMPLES, Math.floor(MOST_DRAWS / units)));
  const result = bootstrap(difference(), design(), { resamples, seed: options.seed });
  const clusters = pair.clusters === undefined ? undefined : new Set(pair.clusters).size;
  return fromResamples(result, { rows: units, resamples, clusters }, options.confidence);
}

/** What is drawn, and the statistic of a draw; computed only where the two models differ. */
interface Resampling {
  readonly units: number;
  readonly isSame: boolean;
  readonly difference: () => WeightedMetric;
  readonly design: () => Design;
}

function rowsToResample(metric: string, given: Pair): Resampling {
  const columnsOfAll = (sample: Sample): Values[] =>
    everyRepeat(sample).flatMap((one) => columnsOf(metric, one));
  const [own, other] = [columnsOfAll(given.candidate), columnsOfAll(given.baseline)];
  const isSame = own.length === other.length && own.every((column, c) => hasSame(column, other[c] as Values));
  const columns = (): Values[] =>
    betterFirst([own, other], [valueOf(metric, given.candidate), valueOf(metric, given.baseline)]);
  const ordered = once(() => takePair(given, canonicalOrder(columns(), given.clusters)));
  return {
    units: given.candidate.rows,
    isSame,
    difference: () => {
      const { candidate, baseline } = ordered();
      const difference = weightedDifference(metric, candidate, baseline);
      if (difference === undefined) throw new Error(`'${metric}' cannot be resampled`);
      return difference;
    },
    design: () => rowDesign(metric, ordered()),
  };
}

function queriesToResample(metric: string, pair: Pair): Resampling {
  const { own, other, clusters } = unitTerms(metric, pair);
  const columns = (): Values[] => betterFirst([[own], [other]], [meanOf(own), meanOf(other)]);
  const order = once(() => canonicalOrder(columns(), clusters));
  return {
    units: own.length,
    isSame: hasSame(own, other),
    difference: () =>
      weightedMean(Float64Array.from(order(), (q) => (own[q] as number) - (other[q] as number))),
    design: () =>
      clusters === undefined
        ? { kind: 'rows', rows: own.length }
        : clusterDesign(Array.from(order(), (q) => clusters[q] as string | null)),
  };
}

/** The columns of both models, the better one's first, so that swapping the models draws the same rows. */
function betterFirst(columns: readonly [Values[], Values[]], values: readonly [number, number]): Values[] {
  // Equal values of repeats may come out a rounding error apart, which must not change the order of the rows.
  const rounding = 1e-12 * Math.max(Math.abs(values[0]), Math.abs(values[1]));
  return (values[0] < values[1] - rounding ? [columns[1], columns[0]] : columns).flat();
}

function valueOf(metric: string, sample: Sample): number {
  const found = computeMetric(metric, sample);
  return found?.kind === 'value' ? found.value : NaN;
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: compute() }).value;
}

function hasSame(column: Values, other: Values): boolean {
  return column.every((value: string | number, i: number) => value === other[i]);
}

/** Metrics of classes and ranks are resampled within each label, so that no resample lacks a class. */
function rowDesign(metric: string, { candidate, clusters }: Pair): Design {
  const { rows, label } = candidate;
  if (clusters !== undefined) return clusterDesign(clusters);
  const isOfClasses = COUNT_METRICS.has(metric) || metric === 'auc' || metric === 'average-precision';
  // Accuracy is defined for rows of one class too, and depends on the share of each.
  if (!isOfClasses || metric === 'accuracy') return { kind: 'rows', rows };
  const labels = { rows, label, prediction: label };
  return { kind: 'strata', rows, strata: strataOf(encodeClasses(labels).truth) };
}

function clusterDesign(clusters: readonly (string | null)[]): Design {
  return { kind: 'clusters', rows: clusters.length, clusters: groupsOf(clusters) };
}

/** The columns that the metric looks at. */
function columnsOf(metric: string, sample: Sample): Values[] {
  const { label, prediction, score, classScores, latency } = sample;
  const columns =
    latencyQuantile(metric) === undefined
      ? [label, prediction, score, ...(classScores?.values() ?? [])]
      : [latency];
  return columns.filter((column) => column !== undefined);
}

/** Units sorted by what they hold, so that a seed draws the same ones whatever order they came in. */
function canonicalOrder(columns: readonly Values[], clusters: Pair['clusters']): Uint32Array {
  const keys: ArrayLike<string | number>[] = [...columns];
  if (clusters !== undefined) keys.unshift(clusters.map((c) => c ?? ''));
  return Uint32Array.from({ length: keys[0]?.length ?? 0 }, (_, i) => i).sort((a, b) => {
    for (const key of keys) {
      const x = key[a] as string | number;
      const y = key[b] as string | number;
      if (x < y) return -1;
      if (x > y) return 1;
    }
    return 0;
  });
}

import { MetricError } from '../measurement.ts';
import { encodeBinary, encodeClasses, type Encoded, type Sample } from '../sample.ts';
import { sumOf } from './sum.ts';

/** What every metric of hits and misses is computed from: counts per class. */
interface Counts {
  readonly rows: number;
  readonly correct: number;
  readonly classes: readonly string[];
  /** Rows of the class, rows predicted as the class, and both at once. */
  readonly actual: readonly number[];
  readonly predicted: readonly number[];
  readonly hits: readonly number[];
}

/** Counts rows, each `weights[i]` times where weights are given. */
export function countRows({ truth, guess, classes }: Encoded, weights?: Uint32Array): Counts {
  const actual = new Array<number>(classes.length).fill(0);
  const predicted = [...actual];
  const hits = [...actual];
  let rows = 0;
  let correct = 0;
  for (let i = 0; i < truth.length; i++) {
    const t = truth[i] as number;
    const g = guess[i] as number;
    const weight = weights === undefined ? 1 : (weights[i] as number);
    rows += weight;
    actual[t] = (actual[t] as number) + weight;
    predicted[g] = (predicted[g] as number) + weight;
    if (t === g) {
      hits[t] = (hits[t] as number) + weight;
      correct += weight;
    }
  }
  return { rows, correct, classes, actual, predicted, hits };
}

/** For each row 1 when its prediction is the label, else 0. */
export function hits(sample: Sample): Float64Array {
  const { truth, guess } = encodeClasses(sample);
  const right = new Float64Array(truth.length);
  for (let row = 0; row < right.length; row++) if (truth[row] === guess[row]) right[row] = 1;
  return right;
}

/** A metric of the counts; `positive` is the index of the positive class where the metric has one. */
export interface CountMetric {
  readonly needsPositive: boolean;
  readonly of: (counts: Counts, positive: number) => number;
}

/** Share of rows whose prediction is the label. */
const accuracy = ({ correct, rows }: Counts): number => correct / rows;

/** Mean recall over the classes that occur among the labels (scikit-learn `balanced_accuracy_score`). */
function balancedAccuracy(counts: Counts): number {
  const present = counts.classes.map((_, k) => k).filter((k) => (counts.actual[k] as number) > 0);
  const recallAt = (i: number): number => recallOf(counts, present[i] as number);
  return sumOf(present.length, recallAt) / present.length;
}

type PerClass = (counts: Counts, k: number) => number;

/** TP / (TP + FP) of one class. */
const precisionOf: PerClass = ({ hits, predicted, classes }, k) =>
  ratio(
    hits[k] as number,
    predicted[k] as number,
    `No row is predicted as '${classes[k]}', so precision is 0/0.`,
  );

/** TP / (TP + FN) of one class. */
const recallOf: PerClass = ({ hits, actual, classes }, k) =>
  ratio(hits[k] as number, actual[k] as number, `No row has the label '${classes[k]}', so recall is 0/0.`);

/** 2 TP / (2 TP + FP + FN) of one class (van Rijsbergen 1979). */
const f1Of: PerClass = ({ hits, actual, predicted, classes }, k) =>
  ratio(
    2 * (hits[k] as number),
    (actual[k] as number) + (predicted[k] as number),
    `The class '${classes[k]}' neither occurs nor is predicted, so F1 is 0/0.`,
  );

/** What a metric counts: the classes, among them the positive one where the metric has one, though no row may have it. */
export function encodeFor(
  { needsPositive }: Pick<CountMetric, 'needsPositive'>,
  sample: Sample,
): { encoded: Encoded; positive: number } {
  const encoded = encodeClasses(sample);
  if (!needsPositive) return { encoded, positive: -1 };
  const { positive } = encodeBinary(sample);
  const index = encoded.classes.indexOf(positive);
  if (index >= 0) return { encoded, positive: index };
  return {
    encoded: { ...encoded, classes: [...encoded.classes, positive] },
    positive: encoded.classes.length,
  };
}

/** Unweighted mean over the classes that occur among labels or predictions (scikit-learn `average='macro'`). */
const macro = (perClass: PerClass) => (counts: Counts) => {
  const { classes, actual, predicted } = counts;
  const occurring = classes.map((_, k) => k).filter((k) => actual[k] !== 0 || predicted[k] !== 0);
  return sumOf(occurring.length, (i) => perClass(counts, occurring[i] as number)) / occurring.length;
};

/** Mean over the classes weighted by how many rows have the label (scikit-learn `average='weighted'`). */
const weighted = (perClass: PerClass) => (counts: Counts) => {
  const weight = (k: number): number => counts.actual[k] as number;
  const term = (k: number): number => (weight(k) === 0 ? 0 : weight(k) * perClass(counts, k));
  return sumOf(counts.classes.length, term) / counts.rows;
};

/** Matthews correlation, for any number of classes (Gorodkin 2004, R_K; scikit-learn `matthews_corrcoef`). */
function mcc({ rows, correct, actual, predicted }: Counts): number {
  const covariance = correct * rows - dot(actual, predicted);
  const spread = (rows * rows - dot(predicted, predicted)) * (rows * rows - dot(actual, actual));
  return ratio(
    covariance,
    Math.sqrt(spread),
    'All labels or all predictions are one class, so the correlation is 0/0.',
  );
}

/** Cohen's kappa, (p_o − p_e) / (1 − p_e) (Cohen 1960; scikit-learn `cohen_kappa_score`). */
function kappa({ rows, correct, actual, predicted }: Counts): number {
  const chance = dot(actual, predicted);
  return ratio(
    correct * rows - chance,
    rows * rows - chance,
    'Labels and predictions are all one class, so kappa is 0/0.',
  );
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, k) => sum + x * (b[k] as number), 0);
}

function ratio(numerator: number, denominator: number, why: string): number {
  if (denominator === 0) throw new MetricError('undefined-metric', why);
  return numerator / denominator;
}

const ofAll = (of: (counts: Counts) => number): CountMetric => ({ needsPositive: false, of });
const ofPositive = (of: PerClass): CountMetric => ({ needsPositive: true, of });

/** The metrics of hits and misses, all of them functions of the same counts. */
export const COUNT_METRICS: ReadonlyMap<string, CountMetric> = new Map(
  Object.entries({
    accuracy: ofAll(accuracy),
    'balanced-accuracy': ofAll(balancedAccuracy),
    precision: ofPositive(precisionOf),
    recall: ofPositive(recallOf),
    f1: ofPositive(f1Of),
    'precision-macro': ofAll(macro(precisionOf)),
    'recall-macro': ofAll(macro(recallOf)),
    'f1-macro': ofAll(macro(f1Of)),
    'precision-weighted': ofAll(weighted(precisionOf)),
    'recall-weighted': ofAll(weighted(recallOf)),
    'f1-weighted': ofAll(weighted(f1Of)),
    mcc: ofAll(mcc),
    kappa: ofAll(kappa),
  }),
);

/** Computes one of COUNT_METRICS from a sample's labels and predictions. */
export function countMetric(metric: CountMetric): (sample: Sample) => number {
  return (sample) => {
    const { encoded, positive } = encodeFor(metric, sample);
    return metric.of(countRows(encoded), positive);
  };
}

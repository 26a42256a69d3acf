import { MetricError } from '../measurement.ts';
import { encodeBinary, encodeClasses, type Sample } from '../sample.ts';
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

function count(sample: Sample): Counts {
  const { classes, truth, guess } = encodeClasses(sample);
  const actual = new Array<number>(classes.length).fill(0);
  const predicted = [...actual];
  const hits = [...actual];
  let correct = 0;
  for (let i = 0; i < truth.length; i++) {
    const t = truth[i] as number;
    const g = guess[i] as number;
    actual[t] = (actual[t] as number) + 1;
    predicted[g] = (predicted[g] as number) + 1;
    if (t === g) {
      hits[t] = (hits[t] as number) + 1;
      correct++;
    }
  }
  return { rows: truth.length, correct, classes, actual, predicted, hits };
}

/** Share of rows whose prediction is the label. */
export function accuracy(sample: Sample): number {
  const { correct, rows } = count(sample);
  return correct / rows;
}

/** Mean recall over the classes that occur among the labels (scikit-learn `balanced_accuracy_score`). */
export function balancedAccuracy(sample: Sample): number {
  const counts = count(sample);
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

const ofPositive = (perClass: PerClass) => (sample: Sample) => {
  const { positive } = encodeBinary(sample);
  const counts = withPositive(count(sample), positive);
  return perClass(counts, counts.classes.indexOf(positive));
};

/** The positive class may be absent from labels and predictions; its counts are then zero. */
function withPositive(counts: Counts, positive: string): Counts {
  if (counts.classes.includes(positive)) return counts;
  const { classes, actual, predicted, hits } = counts;
  return {
    ...counts,
    classes: [...classes, positive],
    actual: [...actual, 0],
    predicted: [...predicted, 0],
    hits: [...hits, 0],
  };
}

/** Unweighted mean over the classes that occur among labels or predictions (scikit-learn `average='macro'`). */
const macro = (perClass: PerClass) => (sample: Sample) => {
  const counts = count(sample);
  return sumOf(counts.classes.length, (k) => perClass(counts, k)) / counts.classes.length;
};

/** Mean over the classes weighted by how many rows have the label (scikit-learn `average='weighted'`). */
const weighted = (perClass: PerClass) => (sample: Sample) => {
  const counts = count(sample);
  const weight = (k: number): number => counts.actual[k] as number;
  const term = (k: number): number => (weight(k) === 0 ? 0 : weight(k) * perClass(counts, k));
  return sumOf(counts.classes.length, term) / counts.rows;
};

export const precision = ofPositive(precisionOf);
export const recall = ofPositive(recallOf);
export const f1 = ofPositive(f1Of);
export const precisionMacro = macro(precisionOf);
export const recallMacro = macro(recallOf);
export const f1Macro = macro(f1Of);
export const precisionWeighted = weighted(precisionOf);
export const recallWeighted = weighted(recallOf);
export const f1Weighted = weighted(f1Of);

/** Matthews correlation, for any number of classes (Gorodkin 2004, R_K; scikit-learn `matthews_corrcoef`). */
export function mcc(sample: Sample): number {
  const { rows, correct, actual, predicted } = count(sample);
  const covariance = correct * rows - dot(actual, predicted);
  const spread = (rows * rows - dot(predicted, predicted)) * (rows * rows - dot(actual, actual));
  return ratio(
    covariance,
    Math.sqrt(spread),
    'All labels or all predictions are one class, so the correlation is 0/0.',
  );
}

/** Cohen's kappa, (p_o − p_e) / (1 − p_e) (Cohen 1960; scikit-learn `cohen_kappa_score`). */
export function kappa(sample: Sample): number {
  const { rows, correct, actual, predicted } = count(sample);
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

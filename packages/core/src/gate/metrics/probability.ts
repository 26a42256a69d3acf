import { MetricError } from '../measurement.ts';
import { classKey, encodeBinary, needFinite, needRows, needScore, type Sample } from '../sample.ts';

/** scikit-learn's bound: probabilities are kept within [ε, 1 − ε], ε of doubles, so that one certain miss stays finite. */
const SMALLEST = Number.EPSILON;

/**
 * What each row adds to the log loss, the mean negative log-likelihood in nats (scikit-learn `log_loss`): from `score`
 * for two classes, from `score_<class>` columns otherwise, whose rows must add up to 1.
 */
export function logLossTerms(sample: Sample): Float64Array {
  if (sample.classScores !== undefined) return manyClassTerms(sample, sample.classScores);
  const score = needProbability(sample);
  const { truth } = encodeBinary(sample);
  return score.map((p, i) => negativeLog(truth[i] === 1 ? p : 1 - p));
}

/** Squared difference between the probability and 0 or 1 of each row (Brier 1950; scikit-learn `brier_score_loss`). */
export function brierTerms(sample: Sample): Float64Array {
  const score = needProbability(sample);
  const { truth } = encodeBinary(sample);
  return score.map((p, i) => (p - (truth[i] as number)) ** 2);
}

function manyClassTerms(sample: Sample, scores: ReadonlyMap<string, Float64Array>): Float64Array {
  needRows(sample);
  for (const [name, column] of scores) needProbabilities(column, `score_${name}`);
  for (let i = 0; i < sample.rows; i++) needUnitSum(scores, i);
  return Float64Array.from({ length: sample.rows }, (_, i) => {
    const name = classKey(sample.label[i] as string | number);
    const column = scores.get(name);
    if (column === undefined) {
      throw new MetricError(
        'undefined-metric',
        `The label of row ${i + 1} is '${name}', but there is no column score_${name}.`,
      );
    }
    return negativeLog(column[i] as number);
  });
}

/** √ε is how far scikit-learn lets rows be from 1. */
function needUnitSum(scores: ReadonlyMap<string, Float64Array>, row: number): void {
  let sum = 0;
  for (const column of scores.values()) sum += column[row] as number;
  if (Math.abs(sum - 1) > 1.5e-8) {
    throw new MetricError(
      'undefined-metric',
      `The class scores of row ${row + 1} add up to ${sum}, not to 1.`,
    );
  }
}

function negativeLog(probability: number): number {
  return -Math.log(Math.min(1 - SMALLEST, Math.max(SMALLEST, probability)));
}

/** The scores of the positive class; throws MetricError when there are none or one is no probability. */
export function needProbability(sample: Sample): Float64Array {
  const score = needScore(sample);
  needProbabilities(score, 'score');
  return score;
}

function needProbabilities(values: Float64Array, what: string): void {
  needFinite(values, what);
  const row = values.findIndex((p) => p < 0 || p > 1);
  if (row >= 0) {
    throw new MetricError(
      'undefined-metric',
      `The ${what} of row ${row + 1} is ${values[row]}, which is no probability.`,
    );
  }
}

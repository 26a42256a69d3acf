import { groupsOf, type Groups } from './groups.ts';
import { MetricError } from './measurement.ts';

/** A column: numbers, or texts such as class names. */
export type Values = Float64Array | readonly string[];

/** Labelled rows of one model on one test set. Every column has `rows` entries. */
export interface Sample {
  readonly rows: number;
  readonly label: Values;
  readonly prediction?: Values;
  /** Probability or score of the positive class. */
  readonly score?: Float64Array;
  /** Probability by class, for problems with more than two. Keys are class keys. */
  readonly classScores?: ReadonlyMap<string, Float64Array>;
  /** Which query each row answers. */
  readonly queries?: Groups;
  /** Milliseconds that each prediction took. */
  readonly latency?: Float64Array;
  /** The class that counts as positive, as a class key. Absent: `1`, else `true`, whichever the labels hold. */
  readonly positive?: string;
  /** The same rows predicted again by the same model, such as with other seeds. */
  readonly repeats?: readonly Sample[];
}

/**
 * The name under which a class is compared: 1, 1.0, '1' and '1.00' are one class, true, 'True' and 'TRUE' are one,
 * every other text is itself. A model that writes 1 for a label of 1.0 is right.
 */
export function classKey(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(value)) return String(Number(value));
  return /^(true|false)$/i.test(value) ? value.toLowerCase() : value;
}

/** The rows `which` (indices) of a sample, in that order. */
export function takeRows(sample: Sample, which: Uint32Array): Sample {
  return {
    rows: which.length,
    label: takeValues(sample.label, which),
    ...(sample.prediction === undefined ? {} : { prediction: takeValues(sample.prediction, which) }),
    ...(sample.score === undefined ? {} : { score: takeNumbers(sample.score, which) }),
    ...(sample.classScores === undefined
      ? {}
      : {
          classScores: new Map(
            [...sample.classScores].map(([name, scores]) => [name, takeNumbers(scores, which)]),
          ),
        }),
    ...(sample.queries === undefined ? {} : { queries: groupsOf(takeCodes(sample.queries.of, which)) }),
    ...(sample.latency === undefined ? {} : { latency: takeNumbers(sample.latency, which) }),
    ...(sample.positive === undefined ? {} : { positive: sample.positive }),
    ...(sample.repeats === undefined
      ? {}
      : { repeats: sample.repeats.map((repeat) => takeRows(repeat, which)) }),
  };
}

// Loops here and below: with a callback per row, ten million rows take ten times as long.
function takeCodes(codes: Uint32Array, which: Uint32Array): Uint32Array {
  const taken = new Uint32Array(which.length);
  for (let i = 0; i < which.length; i++) taken[i] = codes[which[i] as number] as number;
  return taken;
}

function takeValues(values: Values, which: Uint32Array): Values {
  return values instanceof Float64Array
    ? takeNumbers(values, which)
    : Array.from(which, (row) => values[row] as string);
}

function takeNumbers(values: Float64Array, which: Uint32Array): Float64Array {
  const taken = new Float64Array(which.length);
  for (let i = 0; i < which.length; i++) taken[i] = values[which[i] as number] as number;
  return taken;
}

/** Class keys of the sample's labels and predictions as small integers. */
export interface Encoded {
  readonly classes: readonly string[];
  readonly truth: Int32Array;
  readonly guess: Int32Array;
}

/** Encodes labels and predictions; throws MetricError when there are no rows or no predictions. */
export function encodeClasses(sample: Sample): Encoded {
  needRows(sample);
  const guess = needPrediction(sample);
  const encoder = new ClassEncoder();
  return {
    truth: encoder.encode(sample.label, 'label'),
    guess: encoder.encode(guess, 'prediction'),
    classes: encoder.classes,
  };
}

/** Whether each label is the positive class; throws MetricError when the problem is not a binary one. */
export function encodeBinary(sample: Sample): { truth: Uint8Array; positives: number; positive: string } {
  needRows(sample);
  const encoder = new ClassEncoder();
  const codes = encoder.encode(sample.label, 'label');
  const positive = positiveClass(sample, encoder.classes);
  const code = encoder.classes.indexOf(positive);
  const truth = new Uint8Array(codes.length);
  let positives = 0;
  for (let row = 0; row < codes.length; row++) {
    if (codes[row] !== code) continue;
    truth[row] = 1;
    positives++;
  }
  return { truth, positives, positive };
}

/** The positive class among `classes`; throws MetricError when it cannot be told. */
export function positiveClass(sample: Sample, classes: readonly string[]): string {
  if (classes.length > 2) {
    throw new MetricError(
      'undefined-metric',
      `The metric is for two classes, but the labels have ${classes.length} (${classes.slice(0, 4).join(', ')} …). Use a -macro or -weighted metric.`,
    );
  }
  if (sample.positive !== undefined) {
    if (classes.length === 2 && !classes.includes(sample.positive)) {
      throw new MetricError(
        'undefined-metric',
        `positive-class is '${sample.positive}', but the labels are ${classes.join(' and ')}.`,
      );
    }
    return sample.positive;
  }
  const usual = ['1', 'true'].find((name) => classes.includes(name));
  if (usual !== undefined) return usual;
  if (classes.every((name) => ['0', 'false', '-1'].includes(name))) return '1';
  throw new MetricError(
    'undefined-metric',
    `Which class is positive? The labels are ${classes.join(' and ')}; set positive-class to one of them.`,
  );
}

class ClassEncoder {
  readonly classes: string[] = [];
  private readonly codeOf = new Map<string, number>();

  encode(values: Values, what: string): Int32Array {
    const codeOfRaw = new Map<string | number, number>();
    const codes = new Int32Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const raw = values[i] as string | number;
      let known = codeOfRaw.get(raw);
      if (known === undefined) {
        if (typeof raw === 'number' && !Number.isFinite(raw)) {
          throw new MetricError('not-a-number', `The ${what} of row ${i + 1} is ${raw}.`);
        }
        known = this.codeFor(classKey(raw));
        codeOfRaw.set(raw, known);
      }
      codes[i] = known;
    }
    return codes;
  }

  private codeFor(key: string): number {
    let code = this.codeOf.get(key);
    if (code === undefined) {
      code = this.classes.push(key) - 1;
      this.codeOf.set(key, code);
    }
    return code;
  }
}

/** Labels and predictions as numbers; throws MetricError when a value is none. */
export function numericPairs(sample: Sample): { truth: Float64Array; guess: Float64Array } {
  needRows(sample);
  return { truth: numbersOf(sample.label, 'label'), guess: numbersOf(needPrediction(sample), 'prediction') };
}

/** A column that has to hold numbers; throws MetricError when it does not. */
export function numbersOf(values: Values, what: string): Float64Array {
  if (!(values instanceof Float64Array)) {
    throw new MetricError(
      'undefined-metric',
      `The ${what} column holds text ('${values[0] ?? ''}'); this metric needs numbers.`,
    );
  }
  needFinite(values, what);
  return values;
}

/** Throws MetricError naming the first row whose number is NaN or infinite. */
export function needFinite(values: Float64Array, what: string): void {
  const row = values.findIndex((v) => !Number.isFinite(v));
  if (row >= 0) throw new MetricError('not-a-number', `The ${what} of row ${row + 1} is ${values[row]}.`);
}

/** The scores of the positive class; throws MetricError when there are none. */
export function needScore(sample: Sample): Float64Array {
  if (sample.score === undefined) {
    throw new MetricError(
      'missing-metric',
      "The predictions have no score column (the positive class's probability). Write one, or name it under columns.score.",
    );
  }
  needFinite(sample.score, 'score');
  return sample.score;
}

function needPrediction(sample: Sample): Values {
  if (sample.prediction !== undefined) return sample.prediction;
  throw new MetricError(
    'missing-metric',
    'The predictions have no prediction column. Write one, or name it under columns.prediction.',
  );
}

/** Throws MetricError when there is nothing to measure. */
export function needRows(sample: Sample): void {
  if (sample.rows === 0) throw new MetricError('no-rows', 'There is no row to measure.');
}

import { observe, type Observation, type Sums } from '../samples.ts';

/** A prediction that was recorded while both versions were asked. */
export interface Recorded {
  readonly id: string;
  readonly version: string;
  readonly prediction: unknown;
}

/** The labels by id, as they are written. */
export type Labels = ReadonlyMap<string, string>;

/** What became of recorded predictions when their labels came. */
export interface Joined {
  readonly observation: Observation;
  /** Recorded predictions of both versions without a label. */
  readonly unlabelled: number;
  /** Labels without a prediction of the candidate. */
  readonly unpredicted: number;
  /** Says both, and how many were joined. */
  readonly message: string;
}

/** Which predictions of both versions were right, as far as labels say. */
export function joinLabels(
  recorded: readonly Recorded[],
  labels: Labels,
  { candidate, stable }: { readonly candidate: string; readonly stable?: string | undefined },
  tolerance: number,
): Joined {
  const of = (version: string | undefined): Map<string, unknown> =>
    new Map(recorded.filter((one) => one.version === version).map(({ id, prediction }) => [id, prediction]));
  const arms = { candidate: of(candidate), stable: of(stable) };
  const right = (predictions: ReadonlyMap<string, unknown>): Sums => {
    const known = [...predictions].flatMap(([id, prediction]) => {
      const label = labels.get(id);
      return label === undefined ? [] : [isRight(prediction, label, tolerance)];
    });
    return { kind: 'proportion', n: known.length, hits: known.filter(Boolean).length };
  };
  const sums = { candidate: right(arms.candidate), stable: right(arms.stable) };
  const unlabelled = arms.candidate.size + arms.stable.size - sums.candidate.n - sums.stable.n;
  const unpredicted = [...labels.keys()].filter((id) => !arms.candidate.has(id)).length;
  const message = `${sums.candidate.n} predictions of ${candidate} have a label${stable === undefined ? '' : `, and ${sums.stable.n} of ${stable}`}; ${unlabelled} recorded predictions have none, and ${unpredicted} labels are of no prediction of ${candidate}.`;
  const observation: Observation = sums.candidate.n === 0 ? { kind: 'no-data', message } : observe(sums);
  return { observation, unlabelled, unpredicted, message };
}

const BOOLEAN = /^(?:true|false)$/i;

/** Whether a prediction is what its label says; labels of a table are text, whatever they were before. */
function isRight(prediction: unknown, label: string, tolerance: number): boolean {
  const text = typeof prediction === 'string' ? prediction : JSON.stringify(prediction);
  if (text === label) return true;
  if (BOOLEAN.test(text) && BOOLEAN.test(label)) return text.toLowerCase() === label.toLowerCase();
  const [predicted, labelled] = [numberOf(text), numberOf(label)];
  return Math.abs(predicted - labelled) <= tolerance;
}

/** The number that a text is; NaN for what is none. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

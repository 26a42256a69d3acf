import { firstMismatch } from '../../../../serving/compare.ts';
import { MOST_SLICES, meanOf, observe, proportionOf, type Observation, type Sums } from '../../samples.ts';
import { valueAt, type Place } from '../../../../serving/protocols/template/place.ts';

/** One request and what both versions predicted; undefined where there was no prediction. */
export interface Pair {
  readonly id?: string;
  readonly input: unknown;
  readonly candidate: unknown;
  readonly stable: unknown;
}

/** What is compared of two answers. */
export interface Comparison {
  /** Takes what is compared out of a prediction. */
  readonly prediction: Pick;
  /** How far numbers may differ and be alike. */
  readonly tolerance: number;
  /** Fields of the input whose values make the parts of the requests. */
  readonly slices: readonly Slicing[];
}

/** A field of the input, by its name in messages and its place. */
export interface Slicing {
  readonly by: string;
  readonly place: Place;
}

/** A part of a prediction; undefined where there is none. `what` says which, for messages. */
export interface Pick {
  readonly what: string;
  readonly of: (prediction: unknown) => unknown;
}

/** What lies at a place of a prediction. */
export function pickAt(what: string, place: Place): Pick {
  return {
    what,
    of: (prediction) => {
      const found = valueAt(prediction, place);
      return found.kind === 'found' ? found.value : undefined;
    },
  };
}

/** What is compared where nobody says what: the key `prediction` of a prediction that has one, else all of it. */
export const WHOLE: Pick = {
  what: 'prediction',
  of: (prediction) => pickAt('prediction', ['prediction']).of(prediction) ?? prediction,
};

/**
 * How often both versions predict alike. A pair without a prediction of what is live says nothing about the candidate and is
 * left out; without one of the candidate it is one that is not alike.
 */
export function agreementOf(
  pairs: readonly Pair[],
  { prediction, tolerance, slices }: Comparison,
  known: SliceNames,
): Observation {
  const usable = pairs.filter(({ stable }) => prediction.of(stable) !== undefined);
  if (usable.length === 0) return nothingToCompare(pairs, prediction.what, 'what is live');
  const alike = ({ candidate, stable }: Pair): boolean =>
    isAlike(prediction.of(stable), prediction.of(candidate), tolerance);
  return observe({
    candidate: proportionOf(usable.map(alike)),
    ...(slices.length === 0 ? {} : { slices: partsOf(usable, slices, known, alike) }),
  });
}

function partsOf(
  pairs: readonly Pair[],
  slices: readonly Slicing[],
  known: SliceNames,
  alike: (pair: Pair) => boolean,
): { name: string; candidate: Sums }[] {
  const parts = new Map<string, boolean[]>();
  for (const pair of pairs) {
    for (const name of slices.flatMap((slicing) => known.of(slicing, pair.input))) {
      const part = parts.get(name);
      if (part === undefined) parts.set(name, [alike(pair)]);
      else part.push(alike(pair));
    }
  }
  return [...parts].map(([name, values]) => ({ name, candidate: proportionOf(values) }));
}

/** How much higher the candidate scores than what is live, request by request. */
export function scoreShiftOf(pairs: readonly Pair[], score: Pick): Observation {
  const scored = pairs.flatMap(({ candidate, stable }) => {
    const [one, other] = [score.of(candidate), score.of(stable)];
    return typeof one === 'number' && typeof other === 'number' ? [one - other] : [];
  });
  if (scored.length === 0) return nothingToCompare(pairs, score.what, 'either version');
  return observe({ candidate: meanOf('mean', scored) });
}

/** Predictions that lack what is compared are a fault of the settings or of the server, not a lack of requests. */
function nothingToCompare(pairs: readonly Pair[], path: string, who: string): Observation {
  const answered = pairs.filter(({ candidate, stable }) => candidate !== undefined && stable !== undefined);
  if (answered.length === 0) {
    const message = `None of ${pairs.length} requests was answered by both versions.`;
    return { kind: 'no-data', message };
  }
  const example = JSON.stringify(answered[0]?.stable).slice(0, 200);
  const message = `None of ${answered.length} predictions of ${who} has a usable value at '${path}'; one is ${example}.`;
  return { kind: 'error', message };
}

function isAlike(one: unknown, other: unknown, tolerance: number): boolean {
  if (other === undefined) return false;
  // Each way: a golden answer may have more keys than is expected of it.
  return (
    firstMismatch(one, other, tolerance) === undefined && firstMismatch(other, one, tolerance) === undefined
  );
}

const LONGEST_NAME = 100;

/** The parts of the requests by name: the first that are met, as many as are judged. */
export class SliceNames {
  readonly #known = new Set<string>();

  /** The part that a request belongs to by one field of its input; none where that has no value, or there are enough. */
  of({ by, place }: Slicing, input: unknown): string[] {
    const found = valueAt(input, place);
    if (found.kind === 'missing' || found.value === null || typeof found.value === 'object') return [];
    const { value } = found;
    const name = `${by}=${typeof value === 'string' ? value : JSON.stringify(value)}`.slice(0, LONGEST_NAME);
    if (this.#known.size < MOST_SLICES) this.#known.add(name);
    return this.#known.has(name) ? [name] : [];
  }
}

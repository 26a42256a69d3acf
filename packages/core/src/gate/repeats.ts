import type { Sample } from './sample.ts';
import { meanOf } from './metrics/sum.ts';

/** The sample, and the further predictions of its rows. */
export function everyRepeat(sample: Sample): readonly Sample[] {
  return [sample, ...(sample.repeats ?? [])];
}

/**
 * The mean of a number over the repeats. A metric is computed for each repeat and then averaged: averaging the scores
 * first would measure an ensemble, which is another and usually better model.
 */
export function meanOverRepeats(sample: Sample, compute: (one: Sample) => number): number {
  const values = Float64Array.from(everyRepeat(sample), compute);
  return values.length === 1 ? (values[0] as number) : meanOf(values);
}

/** For each unit the mean of its number over the repeats, so that a unit counts once however often it was predicted. */
export function meanTerms(sample: Sample, terms: (one: Sample) => Float64Array): Float64Array {
  const [first, ...others] = everyRepeat(sample).map(terms) as [Float64Array, ...Float64Array[]];
  if (others.length === 0) return first;
  return first.map((value, i) => meanOf(Float64Array.of(value, ...others.map((o) => o[i] as number))));
}

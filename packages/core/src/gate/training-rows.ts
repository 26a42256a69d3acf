import * as z from 'zod/mini';
import type { Doubt } from './doubt.ts';

/** What `gate.json` keeps of the rows that a model was trained on: digests of some, by which others can be recognised. */
export const trainingRowsSchema = z.object({
  columns: z.array(z.string()),
  rows: z.int(),
  distinct: z.int(),
  sample: z.array(z.string().check(z.regex(/^[0-9a-f]{16}$/))),
});
export type TrainingRows = Readonly<z.infer<typeof trainingRowsSchema>>;

/** Rows of the test set, and how many of them are among the sampled rows of a training. */
export interface SampledRows {
  readonly rows: number;
  readonly sampled: number;
}

/**
 * How many rows of the test set the model was likely trained on: those that are, value for value, rows of its training data.
 * 0 where no more of them are than rows of the training data repeat each other, since such rows say nothing.
 */
export function trainedOn({ rows, sampled }: SampledRows, training: Omit<TrainingRows, 'columns'>): number {
  if (rows === 0 || sampled === 0 || training.rows === 0) return 0;
  const estimate = Math.min(rows, Math.round((sampled * training.distinct) / training.sample.length));
  const repeated = 1 - training.distinct / training.rows;
  return estimate / rows > 2 * repeated ? estimate : 0;
}

/** The doubt that a model knew rows of the test set; `whose` begins a clause, as `v1.0.0`. */
export function leakDoubt(
  counted: SampledRows | undefined,
  training: TrainingRows | undefined,
  whose: { readonly model: string; readonly consequence: string },
): Doubt | undefined {
  if (counted === undefined || training === undefined) return undefined;
  const rows = trainedOn(counted, training);
  if (rows === 0) return undefined;
  const about = training.sample.length < training.distinct ? 'About ' : '';
  return {
    reason: 'trained-on-test-rows',
    sentence: `${about}${rows} of the ${counted.rows} rows of the test set are, value for value, rows that ${whose.model} was trained on, so ${whose.consequence}.`,
  };
}

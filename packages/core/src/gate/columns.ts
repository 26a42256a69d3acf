import * as z from 'zod/mini';
import { described, text } from '../schema/blocks.ts';

/** Which prediction columns mean what. */
export const columnsSchema = z.strictObject({
  id: z.optional(described(text, 'Column that names the row. Default id.')),
  label: z.optional(described(text, 'Column with what is true. Default label.')),
  prediction: z.optional(described(text, 'Column with what the model says. Default prediction.')),
  score: z.optional(described(text, 'Column with the probability of the positive class. Default score.')),
  cluster: z.optional(
    described(text, 'Column whose values say which rows belong together and are not independent.'),
  ),
  query: z.optional(described(text, 'Column that says which query a row answers, for mrr and ndcg.')),
  repeat: z.optional(
    described(text, 'Column that tells predictions of the same id apart, such as the seed of each run.'),
  ),
  latency: z.optional(
    described(text, 'Column with the milliseconds that a prediction took. Default latency-ms.'),
  ),
});

export type ColumnsConfig = z.infer<typeof columnsSchema>;

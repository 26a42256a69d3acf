import * as z from 'zod/mini';
import { described, duration } from '../../schema/blocks.ts';
import { analysisSchema } from '../analysis/providers/schema.ts';

/** The keys of a strategy that say how the candidate is watched; a strategy's schema spreads its shape. */
export const watchingSchema = z.object({
  analysis: z.optional(
    described(
      z.array(analysisSchema).check(z.minLength(1)),
      'What is measured and judged while the candidate has its share.',
    ),
  ),
  deadline: z.optional(
    described(
      duration,
      'How much longer than its bake a step waits for enough samples before the rollout goes back. Default 1h.',
    ),
  ),
});

export type WatchingConfig = z.infer<typeof watchingSchema>;

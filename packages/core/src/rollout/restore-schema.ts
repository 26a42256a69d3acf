import * as z from 'zod/mini';
import { described, duration } from '../schema/blocks.ts';

export const restoreSchema = z.strictObject({
  steps: described(
    z
      .array(
        z.strictObject({
          weight: described(
            z.number().check(z.positive(), z.lte(100)),
            'The share of the version before, in percent.',
          ),
          bake: z.optional(described(duration, 'How long it gets to take up that share.')),
        }),
      )
      .check(z.minLength(1)),
    'Growing shares of the traffic, the last one 100.',
  ),
});

export type RestoreConfig = z.infer<typeof restoreSchema>;

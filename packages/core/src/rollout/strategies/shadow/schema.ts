import * as z from 'zod/mini';
import { described, duration } from '../../../schema/blocks.ts';
import { watchingSchema } from '../watching-schema.ts';

export const shadowSchema = z.strictObject({
  shadow: described(
    z.strictObject({
      mirror: z.optional(
        described(
          z.number().check(z.positive(), z.lte(100)),
          'The part of the requests that is copied to the candidate, in percent. Default: none, it gets what the analysis sends.',
        ),
      ),
      bake: described(duration, 'How long the candidate is compared.'),
      ...watchingSchema.shape,
    }),
    'shadow: compare the candidate with what is live while nobody gets its answers, then take it away.',
  ),
});

import * as z from 'zod/mini';
import { described, duration } from '../../../schema/blocks.ts';
import { watchingSchema } from '../watching-schema.ts';

const settings = z.strictObject({
  bake: z.optional(
    described(duration, 'How long it is watched with all the traffic, the old version beside it.'),
  ),
  ...watchingSchema.shape,
});

export const blueGreenSchema = described(
  z.union([
    z.literal('blue-green'),
    z.strictObject({ 'blue-green': described(settings, 'How the candidate is watched.') }),
  ]),
  'blue-green: verify beside what is live, then switch all traffic at once.',
);

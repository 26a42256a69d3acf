import * as z from 'zod/mini';
import { described, duration, text } from '../../../schema/blocks.ts';
import { labelsSchema } from '../../analysis/labels/schema.ts';
import { watchingSchema } from '../watching-schema.ts';

const weightStep = z.strictObject({
  weight: described(
    z.number().check(z.positive(), z.lte(100)),
    "The candidate's share of the traffic, in percent.",
  ),
  bake: z.optional(described(duration, 'How long it is watched with that share.')),
});

const pauseStep = z.strictObject({
  pause: described(
    text,
    'Ends the run with the traffic as it is; a run of deploy with `resume: true` goes on. `labels` waits for labels.',
  ),
});

export const canarySchema = z.strictObject({
  canary: described(
    z.strictObject({
      steps: described(
        z.array(z.union([weightStep, pauseStep])).check(z.minLength(1)),
        'Growing shares of the traffic, the last one 100, and pauses between them.',
      ),
      key: z.optional(
        described(text, 'A header, such as x-user-id: requests with one value of it stay with one version.'),
      ),
      labels: z.optional(
        described(labelsSchema, 'What the step {pause: labels} waits for, and what it then asks of them.'),
      ),
      ...watchingSchema.shape,
    }),
    'canary: growing shares of the traffic, judged while they bake.',
  ),
});

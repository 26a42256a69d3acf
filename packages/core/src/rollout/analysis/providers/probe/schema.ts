import * as z from 'zod/mini';
import { described } from '../../../../schema/blocks.ts';
import { judgingKeys, percent, sendingKeys, shareKeys } from '../keys.ts';

export const probeSchema = z.strictObject({
  provider: described(
    z.literal('probe'),
    'probe: requests of the step to each version at its own address, and how they were answered.',
  ),
  ...judgingKeys,
  ...sendingKeys,
  errors: z.optional(
    described(
      z.strictObject(shareKeys),
      'Limits of the share of requests without a prediction: no answer in time, a status other than 2xx, or no prediction in it.',
    ),
  ),
  latency: z.optional(
    described(
      z.strictObject({
        'max-increase': described(
          percent,
          'How much longer they may take than those of what is live, such as 20%.',
        ),
      }),
      'Limits of how long predictions take: the geometric mean of the times.',
    ),
  ),
});

export type ProbeConfig = z.infer<typeof probeSchema>;

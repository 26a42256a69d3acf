import * as z from 'zod/mini';
import { described, duration, oneOrMore } from '../schema/blocks.ts';

export const verifySchema = z.strictObject({
  golden: z.optional(
    described(
      oneOrMore,
      'Golden predictions (JSON Lines); a path may begin with {model-path}/ to travel with the model.',
    ),
  ),
  latency: z.optional(
    described(
      z.strictObject({ p95: described(duration, 'Longest 95th percentile over the golden requests.') }),
      'How long answers may take.',
    ),
  ),
  'ready-count': z.optional(
    described(z.int().check(z.positive()), 'Consecutive ready answers needed. Default 3.'),
  ),
  timeout: z.optional(described(duration, 'How long the server may take to become ready. Default 60s.')),
});

export type VerifyConfig = z.infer<typeof verifySchema>;

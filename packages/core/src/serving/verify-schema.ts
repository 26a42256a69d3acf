import * as z from 'zod/mini';
import { described, duration, oneOrMore } from '../schema/blocks.ts';
import { protocolSchema } from './protocols/schema.ts';
import { NO_VERSION_PATH } from './server-schema.ts';

export const verifySchema = z.strictObject({
  golden: z.optional(
    described(
      oneOrMore,
      'Golden predictions (JSON Lines); a path may begin with {model-path}/ to travel with the model, and recorded stands for what register-model recorded. Default: recorded, where there is any.',
    ),
  ),
  latency: z.optional(
    described(
      z.strictObject({ p95: described(duration, 'Longest 95th percentile over the golden requests.') }),
      'How long answers may take.',
    ),
  ),
  protocol: z.optional(described(protocolSchema, 'How the model server is spoken to. Default json.')),
  'version-path': z.optional(
    described(
      z.literal(NO_VERSION_PATH),
      'none for a server that cannot say which version it runs; a path goes into the target.',
    ),
  ),
  'ready-count': z.optional(
    described(z.int().check(z.positive()), 'Consecutive ready answers needed. Default 3.'),
  ),
  answers: z.optional(
    described(
      z.int().check(z.positive()),
      'Answers in a row that have to name the version at the end. Default 3.',
    ),
  ),
  settle: z.optional(described(duration, 'How long those answers are spread over. Default 500ms.')),
  timeout: z.optional(
    described(
      duration,
      'How long the server may take to answer with the version, and how long all checks together may take. Default 60s.',
    ),
  ),
});

export type VerifyConfig = z.infer<typeof verifySchema>;

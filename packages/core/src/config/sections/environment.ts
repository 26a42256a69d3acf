import * as z from 'zod/mini';
import { strategySchema } from '../../rollout/strategies/schema.ts';
import { described } from '../../schema/blocks.ts';
import { targetSchema } from '../../serving/targets/schema.ts';
import { verifySchema } from '../../serving/verify-schema.ts';

export const environmentSection = z.strictObject({
  target: described(targetSchema, 'Where the model is served.'),
  strategy: z.optional(described(strategySchema, 'How traffic moves to a new version.')),
  verify: z.optional(described(verifySchema, 'What must hold before a version counts as deployed.')),
});

import * as z from 'zod/mini';
import { restoreSchema } from '../../rollout/restore-schema.ts';
import { strategySchema } from '../../rollout/strategies/schema.ts';
import { described } from '../../schema/blocks.ts';
import { targetSchema } from '../../serving/targets/schema.ts';
import { verifySchema } from '../../serving/verify-schema.ts';

export const environmentSection = z.strictObject({
  target: described(targetSchema, 'Where the model is served.'),
  strategy: z.optional(described(strategySchema, 'How traffic moves to a new version.')),
  restore: z.optional(
    described(
      restoreSchema,
      'How the version before gets the traffic back when a rollout fails. Default: at once.',
    ),
  ),
  verify: z.optional(described(verifySchema, 'What must hold before a version counts as deployed.')),
});

import * as z from 'zod/mini';
import { described } from '../../schema/blocks.ts';
import { targetSchema } from '../../serving/targets/directory/schema.ts';
import { verifySchema } from '../../serving/verify-schema.ts';

export const environmentSection = z.strictObject({
  target: targetSchema,
  strategy: z.optional(described(z.enum(['direct']), 'direct: switch all traffic at once.')),
  verify: z.optional(described(verifySchema, 'What must hold before a version counts as deployed.')),
});

import * as z from 'zod/mini';
import { described, text } from '@sluice/core/schema/blocks.ts';

export const rowsRuleSchema = z.strictObject({
  rows: described(z.int().check(z.positive()), 'The test set has at least so many rows.'),
  name: z.optional(described(text, 'How reports call the rule. Default: rows.')),
  severity: z.optional(described(z.enum(['fail', 'warn', 'info']), 'What a violation does. Default fail.')),
});

/** A rule of the kind as sluice.yaml has it. */
export type WrittenRows = z.infer<typeof rowsRuleSchema>;

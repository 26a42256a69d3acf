import * as z from 'zod/mini';
import { described, text } from '../../../schema/blocks.ts';

export const casesRuleSchema = z.strictObject({
  cases: described(
    z.union([text, z.array(z.union([text, z.int()])).check(z.minLength(1))]),
    'Ids of rows: a file with one a line, or a list.',
  ),
  must: described(
    z.enum(['stay-correct']),
    'stay-correct: what the baseline has right, the candidate has right too.',
  ),
  name: z.optional(described(text, 'How reports call the rule. Default: cases.')),
  severity: z.optional(described(z.enum(['fail', 'warn', 'info']), 'What a violation does. Default fail.')),
});

/** A rule about cases as sluice.yaml has it. */
export type WrittenCases = z.infer<typeof casesRuleSchema>;

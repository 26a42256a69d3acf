import * as z from 'zod/mini';
import { described, oneOrMore, text } from '../../../schema/blocks.ts';

export const fairnessRuleSchema = z.strictObject({
  fairness: described(
    z.enum(['demographic-parity', 'equal-opportunity', 'equalised-odds']),
    'What must be alike in all groups: the share predicted positive, the true positive rate, or that and the false positive rate.',
  ),
  by: described(
    oneOrMore,
    'Column of the predictions that says which group a row belongs to, or columns for crossed groups.',
  ),
  name: z.optional(described(text, 'How reports call the rule. Default: the criterion.')),
  'min-n': z.optional(
    described(z.int().check(z.positive()), 'Smaller groups are reported, not judged. Default 1.'),
  ),
  'max-difference': z.optional(
    described(z.number().check(z.gte(0), z.lte(1)), 'Largest rate minus smallest rate, at most.'),
  ),
  'min-ratio': z.optional(
    described(z.number().check(z.gte(0), z.lte(1)), 'Smallest rate divided by largest rate, at least.'),
  ),
  'max-regression': z.optional(
    described(
      z.number().check(z.gte(0), z.lte(1)),
      'By how much more than for the baseline the largest and the smallest rate may differ.',
    ),
  ),
  severity: z.optional(described(z.enum(['fail', 'warn', 'info']), 'What a violation does. Default fail.')),
});

/** A fairness rule as sluice.yaml has it. */
export type WrittenFairness = z.infer<typeof fairnessRuleSchema>;

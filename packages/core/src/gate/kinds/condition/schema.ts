import * as z from 'zod/mini';
import { described, text } from '../../../schema/blocks.ts';

export const conditionRuleSchema = z.strictObject({
  condition: described(
    text,
    'Condition in the language of ease.ml/ci, such as `n - o > 0.02 +/- 0.01`: n and o are the accuracies of the new and the old model, d is the share of predictions that differ.',
  ),
  reliability: described(
    z.number().check(z.gte(0.5), z.lt(1)),
    'Probability that none of `steps` verdicts errs by more than the tolerance.',
  ),
  mode: described(
    z.enum(['fp-free', 'fn-free']),
    'What cannot be told within the tolerance is rejected (fp-free) or accepted (fn-free).',
  ),
  adaptivity: described(
    z.enum(['none', 'full', 'first-change']),
    'Whether those who change the model see no verdict, every verdict, or every verdict up to the first acceptance.',
  ),
  steps: described(z.int().check(z.gte(1), z.lte(1000)), 'How many models one test set may judge.'),
  name: z.optional(described(text, 'How reports call the rule. Default: condition.')),
  severity: z.optional(described(z.enum(['fail', 'warn', 'info']), 'What a rejection does. Default fail.')),
});

/** A condition as sluice.yaml has it. */
export type WrittenCondition = z.infer<typeof conditionRuleSchema>;

import * as z from 'zod/mini';
import { columnsSchema } from './columns.ts';
import { ruleSchemas } from './kinds/schemas.ts';
import { described, duration, oneOrMore, text } from '../schema/blocks.ts';

export const rulesSchema = z.array(z.union(Object.values(ruleSchemas)));

export const gateSection = z.strictObject({
  baseline: z.optional(
    described(
      oneOrMore,
      'Where the baseline comes from, tried in order: champion, deployed:<environment>, latest, merge-base, base:<path>, file:<path>.',
    ),
  ),
  'champion-environment': z.optional(
    described(text, 'The environment whose live version is the champion. Default production.'),
  ),
  evaluate: z.optional(
    described(
      text,
      'Command that scores a model on the test set; {model-path} and {predictions} are filled in.',
    ),
  ),
  'evaluate-baseline-at': z.optional(
    described(
      z.enum(['today', 'its-commit']),
      'Whose code scores the baseline: what is checked out (today, the default), or the files of the commit that it was registered at, with the test set of today.',
    ),
  ),
  columns: z.optional(described(columnsSchema, 'Names of the prediction columns.')),
  confidence: z.optional(
    described(
      z.number().check(z.gte(0.5), z.lt(1)),
      'Level of the intervals of changes, from 0.5 to below 1. Default 0.95.',
    ),
  ),
  seed: z.optional(
    described(z.int(), 'Where resampling starts; the same seed gives the same interval. Default 20240501.'),
  ),
  'on-missing-baseline': z.optional(
    described(
      z.enum(['absolute-only', 'warn', 'fail']),
      'What to do without a baseline. Default absolute-only.',
    ),
  ),
  'on-different-test-set': z.optional(
    described(
      z.enum(['fail', 'warn', 'absolute-only']),
      'What to do where the numbers of the baseline are about another test set, or nobody knows about which. Default fail for a pull request, warn after the merge.',
    ),
  ),
  'max-age': z.optional(
    described(duration, 'A version registered longer ago than this, such as 30d, is no baseline.'),
  ),
  'wait-for-baseline': z.optional(
    described(
      duration,
      'How long merge-base waits for runs of that commit which may register its version. Default: not at all.',
    ),
  ),
  'positive-class': z.optional(
    described(
      z.union([z.string(), z.number(), z.boolean()]),
      'The label that counts as positive. Default 1.',
    ),
  ),
  acknowledge: z.optional(
    described(
      z.union([z.literal(false), z.strictObject({ label: described(text, 'Name of the label.') })]),
      'The label with which somebody with write permission accepts a failure. Default {label: sluice:accept}; false: nobody can.',
    ),
  ),
  comment: z.optional(
    described(z.enum(['always', 'on-change', 'on-failure', 'never']), 'When to comment on the pull request.'),
  ),
  budget: z.optional(
    described(
      z.strictObject({
        evaluations: described(
          z.int().check(z.gte(1), z.lte(1000)),
          'How many models one test set may judge; from then on every verdict is a warning at least.',
        ),
      }),
      'What one test set may be used for.',
    ),
  ),
  'check-name': z.optional(
    described(
      text,
      'Name of the check run, which begins with `Sluice: ` whatever it is. Default: Sluice: <model>.',
    ),
  ),
  rules: z.optional(described(rulesSchema, 'What the candidate must fulfil.')),
});

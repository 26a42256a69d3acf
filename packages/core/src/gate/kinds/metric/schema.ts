import * as z from 'zod/mini';
import { described, oneOrMore, text } from '../../../schema/blocks.ts';

/** `2%` of the baseline's absolute value. */
const percent = z.string().check(z.regex(/^\d+(\.\d+)?%$/, 'expected a number, or a percentage such as 2%'));

/** How far a metric may move: absolute number, relative percentage, or both. */
export const changeLimitSchema = z.union([
  z.number().check(z.nonnegative()),
  percent,
  z.strictObject({
    abs: z.optional(described(z.number().check(z.nonnegative()), 'In units of the metric.')),
    rel: z.optional(described(percent, 'As a share of the baseline, such as 2%.')),
    combine: z.optional(
      described(
        z.enum(['max', 'all']),
        'max: the looser limit counts (default); all: both limits must hold.',
      ),
    ),
  }),
]);

export const metricRuleSchema = z.strictObject({
  metric: described(text, 'Name of the metric: one computed from the predictions or one the team logs.'),
  name: z.optional(described(text, 'How reports call the rule. Default: the metric.')),
  direction: z.optional(
    described(z.enum(['higher', 'lower']), 'Which way is better. Known for the usual metrics.'),
  ),
  min: z.optional(described(z.number(), 'The candidate must be at least this.')),
  max: z.optional(described(z.number(), 'The candidate must be at most this.')),
  'max-regression': z.optional(
    described(changeLimitSchema, 'How much worse than the baseline is tolerated.'),
  ),
  'max-improvement': z.optional(
    described(changeLimitSchema, 'How much better than the baseline is believable; more is a leak alarm.'),
  ),
  compare: z.optional(
    described(
      z.enum(['paired', 'point']),
      'paired: compare row by row, with an interval; point: compare the two numbers alone. Default paired where predictions of both are at hand.',
    ),
  ),
  test: z.optional(
    described(
      z.enum(['auto', 'mcnemar', 'delong', 'paired-t', 'bootstrap']),
      'How rows are compared. Default auto: the best test for the metric.',
    ),
  ),
  'on-inconclusive': z.optional(
    described(
      z.enum(['fail', 'warn', 'pass']),
      'What it means that the rows at hand neither show nor exclude a regression. Default warn.',
    ),
  ),
  slices: z.optional(
    described(
      z.array(
        z.strictObject({
          by: described(oneOrMore, 'Column, or columns for crossed slices.'),
          'min-n': z.optional(
            described(z.int().check(z.positive()), 'Smaller slices are reported, not judged. Default 1.'),
          ),
        }),
      ),
      'Judge the rule in each slice of the predictions as well.',
    ),
  ),
  severity: z.optional(described(z.enum(['fail', 'warn', 'info']), 'What a violation does. Default fail.')),
});

/** How far a metric may move, as sluice.yaml has it. */
export type WrittenLimit = z.infer<typeof changeLimitSchema>;

/** A rule about a metric as sluice.yaml has it. */
export type WrittenMetric = z.infer<typeof metricRuleSchema>;

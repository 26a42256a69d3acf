import * as z from 'zod/mini';
import type { ResultList } from '../kind.ts';
import { described, optionalNumber, severitySchema, verdictSchema } from '../entry-schema.ts';
import type { Comparison } from './regression.ts';
import { decisiveCheck, type MetricResult } from './verdict.ts';
import { describeMetric } from './words.ts';

/** What comparing the models row by row found; absent where only two numbers were compared. */
const comparisonSchema = {
  compare: z
    .enum(['paired', 'point'])
    .check(described('paired: row by row, with an interval; point: two numbers, no uncertainty known.')),
  test: z.optional(z.enum(['mcnemar', 'delong', 'paired-t', 'bootstrap'])),
  evidence: z.optional(
    z
      .enum(['sampled', 'identical', 'degenerate'])
      .check(
        described(
          'identical: the metric sees both models alike in every row; degenerate: too little to know anything about chance.',
        ),
      ),
  ),
  interval: z.optional(
    z.tuple([z.number(), z.number()]).check(described('Of the change, candidate minus baseline.')),
  ),
  confidence: optionalNumber('Level of the interval.'),
  'p-value': optionalNumber('Two-sided, of there being no difference.'),
  'regression-p-value': optionalNumber('One-sided, of the change being within max-regression.'),
  'adjusted-p-value': optionalNumber(
    "The regression p-value after Holm's adjustment over all rules and slices that can fail.",
  ),
  clusters: z.optional(z.int()),
  discordant: z.optional(
    z
      .object({ better: z.int(), worse: z.int() })
      .check(described('Rows that only the candidate, or only the baseline, has right.')),
  ),
  'standard-deviation': optionalNumber('Of the difference per row.'),
  'minimum-detectable-effect': optionalNumber('The smallest change that these rows show in 80 of 100 runs.'),
  'n-required': z.optional(
    z.int().check(described('Rows that show an equal model to be within max-regression in 80 of 100 runs.')),
  ),
};

const entrySchema = z.object({
  id: z.string(),
  metric: z.string(),
  slice: z.nullable(z.record(z.string(), z.string())),
  verdict: verdictSchema,
  severity: severitySchema,
  direction: z.enum(['higher', 'lower']),
  candidate: z.optional(z.number()),
  baseline: z.optional(z.number()),
  change: z.optional(z.number().check(z.meta({ description: 'Candidate minus baseline.' }))),
  threshold: z.optional(
    z
      .number()
      .check(z.meta({ description: 'The value of the candidate at which the deciding limit flips.' })),
  ),
  n: z.optional(
    z.int().check(
      z.meta({
        description: 'Rows that were measured, or that the test looked at; absent for logged metrics.',
      }),
    ),
  ),
  ...comparisonSchema,
  reason: z.optional(z.string().check(z.meta({ description: 'Why a rule could not be judged.' }))),
  message: z.string(),
});

type Entry = z.infer<typeof entrySchema>;

/** One rule as `result` has it. */
export function metricEntry(result: MetricResult): Entry {
  const { id, rule, slice, candidate, baseline, rows } = result;
  const check = decisiveCheck(result);
  return {
    id,
    metric: rule.metric,
    slice: slice ?? null,
    verdict: result.verdict,
    severity: rule.severity,
    direction: rule.direction,
    ...(candidate === undefined ? {} : { candidate }),
    ...(baseline === undefined ? {} : { baseline }),
    ...(candidate === undefined || baseline === undefined ? {} : { change: candidate - baseline }),
    ...(check !== undefined && 'bound' in check ? { threshold: check.bound } : {}),
    ...(rows === undefined ? {} : { n: result.comparison?.rows ?? rows }),
    ...comparisonEntry(result.comparison),
    ...(check?.found === 'error' ? { reason: check.reason } : {}),
    message: describeMetric(result),
  };
}

function comparisonEntry(comparison: Comparison | undefined): Pick<Entry, keyof typeof comparisonSchema> {
  if (comparison === undefined) return { compare: 'point' };
  const { spread, clusters, regressionPValue, adjustedPValue, minimumDetectableEffect, rowsRequired } =
    comparison;
  return {
    compare: 'paired',
    test: comparison.test,
    evidence: comparison.evidence,
    interval: [...comparison.interval],
    confidence: comparison.confidence,
    'p-value': comparison.pValue,
    ...(regressionPValue === undefined ? {} : { 'regression-p-value': regressionPValue }),
    ...(adjustedPValue === undefined ? {} : { 'adjusted-p-value': adjustedPValue }),
    ...(clusters === undefined ? {} : { clusters }),
    ...(spread?.kind === 'discordance' ? { discordant: { better: spread.better, worse: spread.worse } } : {}),
    ...(spread?.kind === 'deviation' ? { 'standard-deviation': spread.perRow } : {}),
    ...(minimumDetectableEffect === undefined
      ? {}
      : { 'minimum-detectable-effect': minimumDetectableEffect }),
    ...(rowsRequired === undefined ? {} : { 'n-required': rowsRequired }),
  };
}

/** The key `rules` of `result`. */
export const metricList = {
  key: 'rules' as const,
  schema: z.array(entrySchema),
  entry: metricEntry,
} satisfies ResultList<MetricResult>;

import * as z from 'zod/mini';
import type { ResultList } from '../kind.ts';
import { described, optionalNumber, severitySchema, verdictSchema } from '../entry-schema.ts';
import type { FairnessResult, GroupRate } from './settle.ts';
import { describeFairness } from './words.ts';

const rateSchema = z.object({
  kind: z.enum(['selection', 'true-positive', 'false-positive']),
  value: z.number(),
  n: z.int().check(described('Rows that the rate is of.')),
  interval: z.tuple([z.number(), z.number()]).check(described("Wilson's, at gate.confidence.")),
});

const entrySchema = z.object({
  id: z.string(),
  fairness: z.enum(['demographic-parity', 'equal-opportunity', 'equalised-odds']),
  by: z.array(z.string()).check(described('Columns; several are crossed.')),
  verdict: verdictSchema,
  severity: severitySchema,
  difference: optionalNumber('Largest rate of a group minus smallest.'),
  ratio: optionalNumber('Smallest rate of a group to the largest; absent where a rate is 0 in every group.'),
  'baseline-difference': optionalNumber('The same of the baseline, where the rule limits regressions.'),
  groups: z
    .array(
      z.object({
        group: z.record(z.string(), z.string()).check(described('Value by column.')),
        n: z.int(),
        rates: z.array(rateSchema).check(described('Empty for a group that is too small to judge.')),
        'baseline-rates': z.optional(z.array(rateSchema)),
      }),
    )
    .check(described('Largest first.')),
  reason: z.optional(z.string().check(described('Why the groups could not be judged.'))),
  message: z.string(),
});

/** One fairness rule as `result` has it. */
export function fairnessEntry(result: FairnessResult): z.infer<typeof entrySchema> {
  const { id, rule, verdict, fairness: finding } = result;
  const known = { id, fairness: rule.fairness, by: [...rule.by], verdict, severity: rule.severity };
  const message = describeFairness(result);
  if (finding.found === 'error') return { ...known, groups: [], reason: finding.reason, message };
  const { baseline } = finding;
  return {
    ...known,
    difference: finding.difference,
    ...(finding.ratio === undefined ? {} : { ratio: finding.ratio }),
    ...(baseline === undefined ? {} : { 'baseline-difference': baseline.difference }),
    groups: finding.groups.map(({ where, rows, rates }, i) => ({
      group: where,
      n: rows,
      rates: rates.map(rateEntry),
      ...(baseline === undefined ? {} : { 'baseline-rates': baseline.groups[i]?.rates.map(rateEntry) }),
    })),
    message,
  };
}

function rateEntry({ kind, value, rows, interval }: GroupRate): z.infer<typeof rateSchema> {
  return { kind, value, n: rows, interval: [...interval] };
}

/** The key `fairness` of `result`. */
export const fairnessList = {
  key: 'fairness' as const,
  schema: z.array(entrySchema).check(described('Rules about groups that must be treated alike.')),
  entry: fairnessEntry,
} satisfies ResultList<FairnessResult>;

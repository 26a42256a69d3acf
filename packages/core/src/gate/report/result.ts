import * as z from 'zod/mini';
import type { Comparison } from '../kinds/metric/regression.ts';
import { brokenCases, type CasesResult } from '../kinds/cases/settle.ts';
import type { FairnessResult, GroupRate } from '../kinds/fairness/settle.ts';
import { decisiveCheck, type AnyResult, type RuleResult } from '../verdict.ts';
import { conditionSchema } from '../kinds/condition/entry.ts';
import { describeResult } from './sentences.ts';

const verdict = z.enum([
  'pass',
  'warn',
  'fail',
  'acknowledged',
  'inconclusive',
  'error',
  'new-baseline',
  'not-judged',
]);

/** What was compared with. */
const baselineSchema = z.nullable(
  z.object({
    source: z.string().check(z.meta({ description: 'The source that was used, such as champion.' })),
    version: z.nullable(z.string()),
    commit: z.nullable(z.string()),
    'age-seconds': z.nullable(z.number().check(z.meta({ description: 'Since the version was registered.' }))),
    run: z.nullable(
      z.string().check(z.meta({ description: 'Address of the run that registered the version.' })),
    ),
    'commits-behind': z.nullable(
      z.int().check(
        z.meta({
          description:
            "Of the source merge-base: commits from the version's commit to the merge base; 0 is the merge base itself.",
        }),
      ),
    ),
  }),
);

const described = (description: string): z.core.$ZodCheck<unknown> => z.meta({ description });
const optionalNumber = (description: string): z.ZodMiniOptional<z.ZodMiniNumber> =>
  z.optional(z.number().check(described(description)));

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

const ruleSchema = z.object({
  id: z.string(),
  metric: z.string(),
  slice: z.nullable(z.record(z.string(), z.string())),
  verdict,
  severity: z.enum(['fail', 'warn', 'info']),
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

const ids = (description: string): z.ZodMiniOptional<z.ZodMiniArray<z.ZodMiniString>> =>
  z.optional(z.array(z.string()).check(described(description)));

const casesSchema = z.object({
  id: z.string(),
  verdict,
  severity: z.enum(['fail', 'warn', 'info']),
  n: z.int().check(described('Cases that the rule names.')),
  broke: ids('Right for the baseline and wrong now; without a baseline, wrong.'),
  fixed: ids('Wrong for the baseline and right now.'),
  'still-wrong': ids('Wrong for both.'),
  reason: z.optional(z.string().check(described('Why the cases could not be judged.'))),
  message: z.string(),
});

const rateSchema = z.object({
  kind: z.enum(['selection', 'true-positive', 'false-positive']),
  value: z.number(),
  n: z.int().check(described('Rows that the rate is of.')),
  interval: z.tuple([z.number(), z.number()]).check(described("Wilson's, at gate.confidence.")),
});

const fairnessSchema = z.object({
  id: z.string(),
  fairness: z.enum(['demographic-parity', 'equal-opportunity', 'equalised-odds']),
  by: z.array(z.string()).check(described('Columns; several are crossed.')),
  verdict,
  severity: z.enum(['fail', 'warn', 'info']),
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

/** The part of `result` that is evaluate-gate's own. */
export const resultSchema = z.object({
  'model-digest': z.nullable(
    z.string().check(z.meta({ description: 'sha256 of the model that was judged.' })),
  ),
  'test-set-digest': z.nullable(z.string()),
  baseline: baselineSchema,
  rules: z.array(ruleSchema),
  cases: z.array(casesSchema).check(described('Rules about cases that must stay correct.')),
  fairness: z.array(fairnessSchema).check(described('Rules about groups that must be treated alike.')),
  conditions: z.array(conditionSchema).check(described('Conditions in the language of ease.ml/ci.')),
  'changed-rows': z.nullable(
    z
      .object({ rows: z.int(), broke: z.int(), fixed: z.int() })
      .check(described('Rows that only the baseline (broke) or only the candidate (fixed) has right.')),
  ),
  budget: z.nullable(
    z
      .object({
        evaluations: z.int().check(described('Models that the test set may judge.')),
        used: z
          .nullable(z.int())
          .check(described('Models that it has judged; null when that cannot be read.')),
        counted: z.boolean().check(described('Whether this model is among them.')),
      })
      .check(described('How often the test set was used; null where nobody counts.')),
  ),
  acknowledgement: z.nullable(
    z
      .object({
        by: z.string().check(described('Login of who accepted.')),
        at: z.string().check(described('When, ISO 8601.')),
        label: z.string(),
        numbers: z.string().check(described('Digest of the failing numbers.')),
        'pull-request': z.int().check(described('Number of the pull request with the label.')),
      })
      .check(described('Who accepted that rules fail; null where nobody did.')),
  ),
  summary: z.object({
    passed: z.int(),
    failed: z.int(),
    acknowledged: z.int(),
    warned: z.int(),
    inconclusive: z.int(),
    errors: z.int(),
    'new-baseline': z.int(),
    'not-judged': z.int(),
  }),
});

export type GateResult = z.infer<typeof resultSchema>;

/** One rule as `result` has it. */
export function ruleEntry(result: RuleResult): GateResult['rules'][number] {
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
    message: describeResult(result),
  };
}

function comparisonEntry(
  comparison: Comparison | undefined,
): Pick<GateResult['rules'][number], keyof typeof comparisonSchema> {
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

/** One rule about cases as `result` has it. */
export function casesEntry(result: CasesResult): GateResult['cases'][number] {
  const { id, rule, verdict, cases: finding } = result;
  return {
    id,
    verdict,
    severity: rule.severity,
    n: rule.cases.length,
    ...(finding.found === 'error' ? { reason: finding.reason } : { broke: [...brokenCases(finding)] }),
    ...(finding.found === 'compared'
      ? { fixed: [...finding.fixed], 'still-wrong': [...finding.stillWrong] }
      : {}),
    message: describeResult(result),
  };
}

/** One fairness rule as `result` has it. */
export function fairnessEntry(result: FairnessResult): GateResult['fairness'][number] {
  const { id, rule, verdict, fairness: finding } = result;
  const known = { id, fairness: rule.fairness, by: [...rule.by], verdict, severity: rule.severity };
  const message = describeResult(result);
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

/** How many rules and slices came to what. */
export function countVerdicts(results: readonly AnyResult[]): GateResult['summary'] {
  const count = (wanted: RuleResult['verdict']): number => results.filter((r) => r.verdict === wanted).length;
  return {
    passed: count('pass'),
    failed: count('fail'),
    acknowledged: count('acknowledged'),
    warned: count('warn'),
    inconclusive: count('inconclusive'),
    errors: count('error'),
    'new-baseline': count('new-baseline'),
    'not-judged': count('not-judged'),
  };
}

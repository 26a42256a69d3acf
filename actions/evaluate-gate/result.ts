import * as z from 'zod/mini';
import { decisiveCheck, type RuleResult } from '@sluice/core/gate/verdict.ts';
import { describeResult } from './sentences.ts';

const verdict = z.enum(['pass', 'warn', 'fail', 'error', 'new-baseline', 'not-judged']);

/** What was compared with. */
const baselineSchema = z.nullable(
  z.object({
    source: z.string().check(z.meta({ description: 'The source that was used, such as champion.' })),
    version: z.nullable(z.string()),
    commit: z.nullable(z.string()),
    'age-seconds': z.nullable(z.number().check(z.meta({ description: 'Since the version was registered.' }))),
  }),
);

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
    z.int().check(z.meta({ description: 'Rows that were measured; absent for logged metrics.' })),
  ),
  reason: z.optional(z.string().check(z.meta({ description: 'Why a rule could not be judged.' }))),
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
  summary: z.object({
    passed: z.int(),
    failed: z.int(),
    warned: z.int(),
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
    ...(rows === undefined ? {} : { n: rows }),
    ...(check?.found === 'error' ? { reason: check.reason } : {}),
    message: describeResult(result),
  };
}

/** How many rules and slices came to what. */
export function countVerdicts(results: readonly RuleResult[]): GateResult['summary'] {
  const count = (wanted: RuleResult['verdict']): number => results.filter((r) => r.verdict === wanted).length;
  return {
    passed: count('pass'),
    failed: count('fail'),
    warned: count('warn'),
    errors: count('error'),
    'new-baseline': count('new-baseline'),
    'not-judged': count('not-judged'),
  };
}

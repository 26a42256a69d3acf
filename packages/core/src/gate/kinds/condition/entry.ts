import * as z from 'zod/mini';
import type { ResultList } from '../kind.ts';
import { described, severitySchema } from '../entry-schema.ts';
import { formatClause, formatCondition } from './language.ts';
import type { ConditionResult } from './settle.ts';
import { describeCondition } from './words.ts';

const clauseSchema = z.object({
  clause: z.string(),
  estimate: z.optional(z.number().check(described('Of the left side; absent where it was not measured.'))),
  tolerance: z.number(),
  threshold: z.number(),
  truth: z.optional(z.enum(['true', 'false', 'unknown'])),
  'n-required': z.int().check(described('Rows with which the estimate is within the tolerance.')),
  bound: z.enum(['hoeffding', 'bennett']).check(described('The inequality that says so.')),
});

const entrySchema = z.object({
  id: z.string(),
  condition: z.string(),
  verdict: z.enum(['error', 'fail', 'acknowledged', 'warn', 'new-baseline', 'pass']),
  severity: severitySchema,
  mode: z.enum(['fp-free', 'fn-free']),
  reliability: z.number(),
  adaptivity: z.enum(['none', 'full', 'first-change']),
  steps: z.int(),
  truth: z.optional(
    z
      .enum(['true', 'false', 'unknown'])
      .check(described('What all clauses say together; absent where that could not be judged.')),
  ),
  n: z.optional(z.int().check(described('Rows at hand; absent without predictions.'))),
  'n-required': z.int().check(described('Rows that all clauses need.')),
  clauses: z.array(clauseSchema),
  reason: z.optional(z.string().check(described('Why the condition could not be judged.'))),
  message: z.string(),
});

/** One condition as `result` has it. */
export function conditionEntry(result: ConditionResult): z.infer<typeof entrySchema> {
  const { id, rule, verdict, rows, rowsRequired, condition: finding } = result;
  return {
    id,
    condition: formatCondition(rule.condition),
    verdict,
    severity: rule.severity,
    mode: rule.mode,
    reliability: rule.reliability,
    adaptivity: rule.adaptivity,
    steps: rule.steps,
    ...('truth' in finding ? { truth: finding.truth } : {}),
    ...(rows === undefined ? {} : { n: rows }),
    'n-required': rowsRequired,
    clauses: result.clauses.map(({ clause, measured, required }) => ({
      clause: formatClause(clause),
      ...measured,
      tolerance: clause.tolerance,
      threshold: clause.threshold,
      'n-required': required.rows,
      bound: required.bound,
    })),
    ...(finding.found === 'error' ? { reason: finding.reason } : {}),
    message: describeCondition(result),
  };
}

/** The key `conditions` of `result`. */
export const conditionList = {
  key: 'conditions' as const,
  schema: z.array(entrySchema).check(described('Conditions in the language of ease.ml/ci.')),
  entry: conditionEntry,
} satisfies ResultList<ConditionResult>;

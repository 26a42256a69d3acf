import * as z from 'zod/mini';
import type { ResultList } from '../kind.ts';
import { described, severitySchema, verdictSchema } from '../entry-schema.ts';
import { brokenCases, type CasesResult } from './settle.ts';
import { describeCases } from './words.ts';

const ids = (description: string): z.ZodMiniOptional<z.ZodMiniArray<z.ZodMiniString>> =>
  z.optional(z.array(z.string()).check(described(description)));

const entrySchema = z.object({
  id: z.string(),
  verdict: verdictSchema,
  severity: severitySchema,
  n: z.int().check(described('Cases that the rule names.')),
  broke: ids('Right for the baseline and wrong now; without a baseline, wrong.'),
  fixed: ids('Wrong for the baseline and right now.'),
  'still-wrong': ids('Wrong for both.'),
  reason: z.optional(z.string().check(described('Why the cases could not be judged.'))),
  message: z.string(),
});

/** One rule about cases as `result` has it. */
export function casesEntry(result: CasesResult): z.infer<typeof entrySchema> {
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
    message: describeCases(result),
  };
}

/** The key `cases` of `result`. */
export const casesList = {
  key: 'cases' as const,
  schema: z.array(entrySchema).check(described('Rules about cases that must stay correct.')),
  entry: casesEntry,
} satisfies ResultList<CasesResult>;

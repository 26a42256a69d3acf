import * as z from 'zod/mini';
import { KIND_NAMES, KINDS, ofKind, rowOf, type AnyResult } from '../kinds/index.ts';
import { described } from '../kinds/entry-schema.ts';
import type { Kind } from '../kinds/schemas.ts';
import { baselineSchema } from './baseline-entry.ts';
import { changedRulesSchema } from './changed-rules.ts';

type List<K extends Kind> = (typeof KINDS)[K]['list'];
type ListSchemas = { [K in Kind as List<K>['key']]: List<K>['schema'] };

/** One list for each kind of rule. */
const listSchemas = Object.fromEntries(
  Object.values(KINDS).map(({ list }) => [list.key, list.schema]),
) as ListSchemas;

/** The part of `result` that is evaluate-gate's own. */
export const resultSchema = z.object({
  'model-digest': z.nullable(
    z.string().check(z.meta({ description: 'sha256 of the model that was judged.' })),
  ),
  'test-set-digest': z.nullable(z.string()),
  'rows-held': z.nullable(
    z
      .object({
        evaluated: z.int().check(described('Rows that were evaluated.')),
        declared: z.nullable(
          z.int().check(described('Rows of the test set that can be judged; null where they are not known.')),
        ),
        by: z
          .array(z.enum(['id', 'label']))
          .check(described('What was found equal in every row; empty where nothing could be compared.')),
      })
      .check(
        described('The rows that were evaluated, held against the declared test set; null without either.'),
      ),
  ),
  baseline: baselineSchema,
  'same-model': z.nullable(
    z
      .boolean()
      .check(described('Whether the bytes of candidate and baseline are equal; null where not known.')),
  ),
  ...listSchemas,
  'changed-rows': z.nullable(
    z
      .object({ rows: z.int(), broke: z.int(), fixed: z.int() })
      .check(described('Rows that only the baseline (broke) or only the candidate (fixed) has right.')),
  ),
  'changed-rules': changedRulesSchema,
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

/** The results as `result` has them, a list for each kind. */
export function resultLists(results: readonly AnyResult[]): Pick<GateResult, keyof ListSchemas> {
  const lists = KIND_NAMES.map((kind) => {
    const { list } = rowOf(kind);
    return [list.key, ofKind(kind, results).map((result) => list.entry(result))];
  });
  return Object.fromEntries(lists) as Pick<GateResult, keyof ListSchemas>;
}

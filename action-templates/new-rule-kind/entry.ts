import * as z from 'zod/mini';
import {
  described,
  optionalNumber,
  severitySchema,
  verdictSchema,
} from '@sluice/core/gate/kinds/entry-schema.ts';
import type { ResultList } from '@sluice/core/gate/kinds/kind.ts';
import type { RowsResult } from './judge.ts';
import { describeRows } from './words.ts';

const entrySchema = z.object({
  id: z.string(),
  verdict: verdictSchema,
  severity: severitySchema,
  n: optionalNumber('Rows of the test set.'),
  message: z.string(),
});

/** The key `rows` of `result`. */
export const rowsList = {
  key: 'rows' as const,
  schema: z.array(entrySchema).check(described('Rules about the size of the test set.')),
  entry: (result: RowsResult): z.infer<typeof entrySchema> => ({
    id: result.id,
    verdict: result.verdict,
    severity: result.rule.severity,
    ...(result.found === undefined ? {} : { n: result.found }),
    message: describeRows(result),
  }),
} satisfies ResultList<RowsResult>;

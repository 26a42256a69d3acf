import * as z from 'zod/mini';
import { described, text } from '../../../schema/blocks.ts';
import { percent, share } from '../providers/keys.ts';

/** Labels that come days after the requests, and decide then. */
export const labelsSchema = z.strictObject({
  predictions: described(
    text,
    'File that an analysis recorded the predictions of both versions in (its key record).',
  ),
  file: described(text, 'File with the labels: CSV, JSON Lines or Parquet.'),
  id: z.optional(described(text, 'Column of the ids of the requests. Default id.')),
  label: z.optional(described(text, 'Column of the labels. Default label.')),
  tolerance: z.optional(
    described(
      z.number().check(z.nonnegative()),
      'How far a predicted number may lie from its label and be right. Default 0.',
    ),
  ),
  accuracy: described(
    z.strictObject({
      min: z.optional(described(share, 'The smallest share of right predictions of the candidate.')),
      'max-decrease': z.optional(
        described(
          z.union([share, percent]),
          'How much smaller the share may be than that of what is live: 0.01, or 2% of it.',
        ),
      ),
    }),
    'What the predictions have to be like.',
  ),
  'min-samples': z.optional(
    described(
      z.int().check(z.positive()),
      'Labelled predictions of the candidate that it takes. Default 100.',
    ),
  ),
});

export type LabelsConfig = z.infer<typeof labelsSchema>;

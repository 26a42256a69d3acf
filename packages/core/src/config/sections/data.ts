import * as z from 'zod/mini';
import { described, oneOrMore, text } from '../../schema/blocks.ts';

/** Named sets of files: a path, a glob, a list of them, or a map from name to either. */
export const dataSchema = z.union([oneOrMore, z.record(z.string(), oneOrMore)]);

export const dataSection = z.strictObject({
  contract: z.optional(described(text, 'Data contract in ODCS v3.1, checked by validate-data.')),
  train: z.optional(
    described(oneOrMore, 'Files the model is trained on: paths or globs, also s3://bucket/key.'),
  ),
  test: z.optional(
    described(oneOrMore, 'Files the model is evaluated on: paths or globs, also s3://bucket/key.'),
  ),
  reference: z.optional(
    described(
      text,
      'What drift is measured against: a data file or glob, also s3://bucket/key, or a profile that validate-data wrote.',
    ),
  ),
});

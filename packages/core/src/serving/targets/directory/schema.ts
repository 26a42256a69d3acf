import * as z from 'zod/mini';
import { described, text } from '../../../schema/blocks.ts';
import { serverSchema } from '../../server-schema.ts';

export const directorySchema = z.strictObject({
  type: described(
    z.literal('directory'),
    'directory: releases/<version> and an atomically switched `current` link.',
  ),
  path: described(text, 'The folder that holds `releases` and `current`.'),
  reload: z.optional(
    described(text, 'Command that makes the server follow `current`. It runs without a shell.'),
  ),
  ...serverSchema.shape,
  keep: z.optional(
    described(z.int().check(z.positive()), 'How many releases stay on disk for a quick rollback. Default 5.'),
  ),
});

export type DirectoryConfig = z.infer<typeof directorySchema>;

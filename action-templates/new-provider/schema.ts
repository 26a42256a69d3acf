import * as z from 'zod/mini';
import { judgingKeys, shareKeys } from '@sluice/core/rollout/analysis/providers/keys.ts';
import { described, text } from '@sluice/core/schema/blocks.ts';

export const fileSchema = z.strictObject({
  provider: described(z.literal('file'), 'file: counts that a program writes into a file after each window.'),
  ...judgingKeys,
  path: described(text, 'The file, JSON.'),
  ...shareKeys,
});

export type FileConfig = z.infer<typeof fileSchema>;

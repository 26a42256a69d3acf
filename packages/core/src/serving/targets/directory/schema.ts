import * as z from 'zod/mini';
import { described, text } from '../../../schema/blocks.ts';

export const targetSchema = z.strictObject({
  type: described(
    z.enum(['directory']),
    'directory: releases/<version> and an atomically switched `current` link.',
  ),
  path: described(text, 'The folder that holds `releases` and `current`.'),
  reload: z.optional(
    described(text, 'Command that makes the server follow `current`. It runs without a shell.'),
  ),
  url: z.optional(described(text, 'Base URL of the model server.')),
  ready: z.optional(described(text, 'Path that answers 2xx when the server is ready. Default /ready.')),
  'version-path': z.optional(described(text, 'Path that answers the version in service. Default /version.')),
  predict: z.optional(described(text, 'Path that golden inputs are posted to. Default /predict.')),
  keep: z.optional(
    described(z.int().check(z.positive()), 'How many releases stay on disk for a quick rollback. Default 5.'),
  ),
});

export type TargetConfig = z.infer<typeof targetSchema>;

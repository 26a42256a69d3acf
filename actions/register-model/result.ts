import { registryEntries } from '@sluice/core/registry/entries.ts';
import * as z from 'zod/mini';

/** The action's own part of `result`; absent fields were not reached. */
export const resultSchema = z.partial(
  z.object({
    version: z.string(),
    tag: z.string(),
    'model-digest': z.string(),
    'passport-digest': z.string(),
    attestation: z.object({
      digest: z.string(),
      page: z.optional(z.string()),
      'log-index': z.optional(z.string()),
    }),
    created: z.boolean(),
    uri: z.string(),
    'version-ids': z.record(z.string(), z.string()),
    ...registryEntries,
    golden: z.object({ requests: z.int(), digest: z.string() }),
    metrics: z.record(z.string(), z.number()),
    evidence: z.array(
      z.object({
        action: z.string(),
        verdict: z.string(),
        about: z.enum(['model', 'inputs', 'other']),
      }),
    ),
  }),
);
export type Result = z.infer<typeof resultSchema>;

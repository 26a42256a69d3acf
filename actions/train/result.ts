import * as z from 'zod/mini';

/** The action's own part of `result`; absent in a run that did not come that far. */
export const resultSchema = z.partial(
  z.object({
    'model-digest': z.string(),
    /** Metrics that are numbers, nested keys joined with `.`. */
    metrics: z.record(z.string(), z.number()),
    'not-numeric': z.array(z.object({ metric: z.string(), message: z.string() })),
    cache: z.object({
      hit: z.boolean(),
      /** Absent when the cache is off. */
      key: z.optional(z.string()),
      /** Why the cache is off. */
      off: z.optional(z.string()),
      /** What the key is made of. */
      parts: z.record(z.string(), z.string()),
      /** Names of the parts that differ from the newest other entry; absent when there is none. */
      changed: z.optional(z.array(z.string())),
      /** Files beside the outputs that the command wrote too; the result was not kept, because they would be missing on a hit. */
      beside: z.optional(z.array(z.string())),
    }),
    /** Run time of the command, on a hit that of the run that made the entry. */
    seconds: z.number(),
    /** What `dvc repro` did. */
    pipeline: z.object({
      'changed-stages': z.array(z.string()),
      /** Whether dvc.lock has to be committed. */
      'lock-changed': z.boolean(),
    }),
    inputs: z.array(
      z.object({
        name: z.string(),
        digest: z.string(),
        /** Of data from S3. */
        uri: z.optional(z.string()),
        'version-id': z.optional(z.string()),
      }),
    ),
  }),
);
export type Result = z.infer<typeof resultSchema>;

import * as z from 'zod/mini';

/** The action's own part of `result`; a step that ends early lacks what it did not find out. */
export const resultSchema = z.partial(
  z.object({
    /** Where the version is live; absent where a version was asked for by its name. */
    environment: z.string(),
    version: z.string(),
    'model-digest': z.string(),
    /** As the output `path`. */
    path: z.string(),
    files: z.int(),
    bytes: z.int(),
  }),
);
export type Result = z.infer<typeof resultSchema>;

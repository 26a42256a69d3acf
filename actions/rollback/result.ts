import * as z from 'zod/mini';
import { rolloutResult } from '@sluice/core/delivery/result.ts';

/** The action's own part of `result`; a step that ends early lacks what it did not find out. */
export const resultSchema = z.partial(
  z.object({
    ...rolloutResult,
    /** From the start of the step until the server answered with the version. */
    'seconds-to-traffic': z.number(),
    'seconds-to-verified': z.number(),
    /** Address of the incident issue that tells of it. */
    issue: z.string(),
  }),
);
export type Result = z.infer<typeof resultSchema>;

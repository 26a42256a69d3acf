import * as z from 'zod/mini';

/** The action's own part of `result`. */
export const resultSchema = z.partial(z.object({ bytes: z.int(), 'max-bytes': z.int() }));
export type Result = z.infer<typeof resultSchema>;

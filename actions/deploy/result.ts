import * as z from 'zod/mini';
import { rolloutResult } from '@sluice/core/delivery/result.ts';

/** The action's own part of `result`; a step that ends early lacks what it did not find out. */
export const resultSchema = z.partial(z.object(rolloutResult));
export type Result = z.infer<typeof resultSchema>;

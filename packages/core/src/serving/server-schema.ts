import * as z from 'zod/mini';
import { described, text } from '../schema/blocks.ts';

/** The keys of a target that say where its model server answers; a target's schema spreads its shape. */
export const serverSchema = z.object({
  url: z.optional(described(text, 'Base URL of the model server.')),
  ready: z.optional(described(text, 'Path that answers 2xx when the server is ready. Default /ready.')),
  'version-path': z.optional(described(text, 'Path that answers the version in service. Default /version.')),
  predict: z.optional(described(text, 'Path that golden inputs are posted to. Default /predict.')),
});

export type ServerConfig = z.infer<typeof serverSchema>;

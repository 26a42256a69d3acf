import * as z from 'zod/mini';
import { described, text } from '../schema/blocks.ts';

/** What stands in place of a path for a server that cannot say which version it runs. */
export const NO_VERSION_PATH = 'none';

/** The keys of a target that say where its model server answers; a target's schema spreads its shape. */
export const serverSchema = z.object({
  url: z.optional(
    described(
      text,
      'Base URL of the model server, through which its requests come. Default: the first of `urls`.',
    ),
  ),
  urls: z.optional(
    described(
      z.array(text).check(z.minLength(1)),
      'Base URL of every replica: each has to be ready, to answer with the version and to predict as it should.',
    ),
  ),
  ready: z.optional(described(text, 'Path that answers 2xx when the server is ready. Default /ready.')),
  'version-path': z.optional(
    described(
      text,
      'Path that answers the version in service; none for a server that cannot say it. Default /version.',
    ),
  ),
  predict: z.optional(described(text, 'Path that golden inputs are posted to. Default /predict.')),
});

export type ServerConfig = z.infer<typeof serverSchema>;

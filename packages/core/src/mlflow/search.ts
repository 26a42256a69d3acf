import * as z from 'zod/mini';
import { hasTag, type MlflowApi } from './api.ts';
import type { Entry } from './limits.ts';
import { loggedModelSchema, runSchema, type LoggedModel, type Run } from './schemas.ts';

/** The most that one search brings. Few things have the same digest: puts at the same moment, and what was deleted in part. */
const MOST = 100;

/** Runs of an experiment that have all these tags, the newest first, deleted ones left out. */
export async function findRuns(
  api: MlflowApi,
  experimentId: string,
  tags: readonly Entry[],
): Promise<readonly Run[]> {
  const schema = z.object({ runs: z.optional(z.array(runSchema)) });
  const { runs = [] } = await search(api, 'runs', { experimentId, tags }, schema);
  return runs;
}

/** Logged models of an experiment that have all these tags, the newest first, deleted ones left out. */
export async function findLoggedModels(
  api: MlflowApi,
  experimentId: string,
  tags: readonly Entry[],
): Promise<readonly LoggedModel[]> {
  const schema = z.object({ models: z.optional(z.array(loggedModelSchema)) });
  const { models = [] } = await search(api, 'logged-models', { experimentId, tags }, schema);
  return models;
}

/** Without more words MLflow brings what is not deleted. */
function search<S extends z.ZodMiniType>(
  api: MlflowApi,
  kind: 'runs' | 'logged-models',
  { experimentId, tags }: { readonly experimentId: string; readonly tags: readonly Entry[] },
  schema: S,
): Promise<z.infer<S>> {
  const filter = tags.map(hasTag).join(' and ');
  const body = { experiment_ids: [experimentId], filter, max_results: MOST };
  return api.call({ method: 'POST', path: `${kind}/search`, body, repeat: 'safe' }, schema);
}

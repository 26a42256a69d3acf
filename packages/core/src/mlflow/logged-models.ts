import * as z from 'zod/mini';
import { hasTag, type MlflowApi } from './api.ts';
import type { Entry } from './limits.ts';
import { anything, loggedModelSchema, type LoggedModel } from './schemas.ts';

const answerSchema = z.object({ model: loggedModelSchema });

/** The logged model of an experiment that a run made, by a tag. */
export async function findLoggedModel(
  api: MlflowApi,
  experimentId: string,
  tag: Entry,
): Promise<LoggedModel | undefined> {
  const body = {
    experiment_ids: [experimentId],
    filter: hasTag(tag),
    max_results: 1,
  };
  const { models } = await api.call(
    { method: 'POST', path: 'logged-models/search', body, repeat: 'safe' },
    z.object({ models: z.optional(z.array(loggedModelSchema)) }),
  );
  return models?.[0];
}

/** Makes a logged model, pending until its files are there; each call makes another one. */
export async function createLoggedModel(
  api: MlflowApi,
  model: {
    readonly experimentId: string;
    readonly name: string;
    readonly runId: string;
    readonly tags: readonly Entry[];
  },
): Promise<LoggedModel> {
  const body = {
    experiment_id: model.experimentId,
    name: model.name,
    source_run_id: model.runId,
    tags: model.tags,
  };
  return (await api.call({ method: 'POST', path: 'logged-models', body, repeat: 'once' }, answerSchema))
    .model;
}

/** The logged model of this id. */
export async function getLoggedModel(api: MlflowApi, modelId: string): Promise<LoggedModel> {
  const path = `logged-models/${encodeURIComponent(modelId)}`;
  return (await api.call({ method: 'GET', path, repeat: 'safe' }, answerSchema)).model;
}

/** Says that all files of a logged model are there. */
export async function markReady(api: MlflowApi, modelId: string): Promise<void> {
  const path = `logged-models/${encodeURIComponent(modelId)}`;
  const body = { model_id: modelId, status: 'LOGGED_MODEL_READY' };
  await api.call({ method: 'PATCH', path, body, repeat: 'safe' }, anything);
}

/** Replaces tags of a logged model. */
export async function tagLoggedModel(api: MlflowApi, modelId: string, tags: readonly Entry[]): Promise<void> {
  const path = `logged-models/${encodeURIComponent(modelId)}/tags`;
  await api.call({ method: 'PATCH', path, body: { model_id: modelId, tags }, repeat: 'safe' }, anything);
}

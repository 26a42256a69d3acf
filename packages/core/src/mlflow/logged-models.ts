import * as z from 'zod/mini';
import type { MlflowApi } from './api.ts';
import { missingAsUndefined } from './experiments.ts';
import type { Entry } from './limits.ts';
import { anything, loggedModelSchema, type LoggedModel } from './schemas.ts';

const answerSchema = z.object({ model: loggedModelSchema });

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

/** The id of the logged model that the source of a version names; undefined for another kind of source. */
export function loggedModelOf(source: string): string | undefined {
  return /^models:\/(m-\w+)$/.exec(source)?.[1];
}

/** The logged model of this id, undefined when it is gone. */
export async function getLoggedModel(api: MlflowApi, modelId: string): Promise<LoggedModel | undefined> {
  const path = `logged-models/${encodeURIComponent(modelId)}`;
  return (await missingAsUndefined(api.call({ method: 'GET', path, repeat: 'safe' }, answerSchema)))?.model;
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

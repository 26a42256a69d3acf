import * as z from 'zod/mini';
import { UserError } from '../action/errors.ts';
import { poll, type Patience } from '../action/retry.ts';
import { createOnce, hasTag, quoted, type MlflowApi } from './api.ts';
import { MlflowRefusal } from './answer.ts';
import { alreadyExists, missingAsUndefined } from './experiments.ts';
import type { Entry } from './limits.ts';
import { anything, modelVersionSchema, type ModelVersion } from './schemas.ts';

const answerSchema = z.object({ model_version: modelVersionSchema });

/** A version to be made. */
export interface NewVersion {
  readonly name: string;
  readonly modelId: string;
  readonly runId: string;
  readonly tags: readonly Entry[];
  readonly description: string;
}

/** Makes the registered model when it is not there. */
export async function ensureRegisteredModel(api: MlflowApi, name: string): Promise<void> {
  const found = await missingAsUndefined(
    api.call({ method: 'GET', path: 'registered-models/get', query: { name }, repeat: 'safe' }, anything),
  );
  if (found !== undefined) return;
  try {
    await api.call(
      { method: 'POST', path: 'registered-models/create', body: { name }, repeat: 'safe' },
      anything,
    );
  } catch (error) {
    if (!alreadyExists(error)) throw error;
  }
}

/** Versions of a model that have a tag, deleted ones left out, ascending. */
export async function findVersions(api: MlflowApi, name: string, tag: Entry): Promise<ModelVersion[]> {
  const filter = `name = ${quoted(name)} and ${hasTag(tag)}`;
  const { model_versions: versions = [] } = await api.call(
    { method: 'GET', path: 'model-versions/search', query: { filter, max_results: 1000 }, repeat: 'safe' },
    z.object({ model_versions: z.optional(z.array(modelVersionSchema)) }),
  );
  return versions.sort((a, b) => Number(a.version) - Number(b.version));
}

/** The version of this number, undefined when there is none. */
export async function getVersion(
  api: MlflowApi,
  name: string,
  version: string,
): Promise<ModelVersion | undefined> {
  const found = await missingAsUndefined(
    api.call(
      { method: 'GET', path: 'model-versions/get', query: { name, version }, repeat: 'safe' },
      answerSchema,
    ),
  );
  return found?.model_version;
}

/** Makes a version; `key` is a tag that nothing has yet, so that a lost answer makes no second one. */
export async function createVersion(
  api: MlflowApi,
  wish: NewVersion,
  key: Entry,
  signal?: AbortSignal,
): Promise<ModelVersion> {
  const body = {
    name: wish.name,
    source: `models:/${wish.modelId}`,
    model_id: wish.modelId,
    run_id: wish.runId,
    tags: [...wish.tags, key],
    description: wish.description,
  };
  const made = await createOnce(
    api,
    async () => (await findVersions(api, wish.name, key))[0],
    async () =>
      (await api.call({ method: 'POST', path: 'model-versions/create', body, repeat: 'once' }, answerSchema))
        .model_version,
    true,
  );
  return untilReady(api, wish.name, made, signal);
}

/** Some servers take a version in the background. */
const PATIENCE: Patience = { timeoutMs: 300_000, pauseMs: 2000 };

async function untilReady(
  api: MlflowApi,
  name: string,
  made: ModelVersion,
  signal: AbortSignal | undefined,
): Promise<ModelVersion> {
  const isSettled = ({ status }: ModelVersion): boolean => status !== 'PENDING_REGISTRATION';
  if (isSettled(made)) return settled(made, name);
  const look = async (): Promise<ModelVersion> => (await getVersion(api, name, made.version)) ?? made;
  const { met, last } = await poll(PATIENCE, signal, look, isSettled);
  if (met) return settled(last, name);
  throw new UserError(
    'timeout',
    `MLflow has not finished registering ${name} version ${made.version} after ${PATIENCE.timeoutMs / 1000} s. Look at it in MLflow, then run the step again: it goes on where it stopped.`,
  );
}

function settled(now: ModelVersion, name: string): ModelVersion {
  if (now.status !== 'FAILED_REGISTRATION') return now;
  throw new MlflowRefusal(
    'service-unavailable',
    '',
    `MLflow failed to register ${name} version ${now.version}: ${now.status_message ?? 'it does not say why'}. Delete that version in MLflow and run the step again.`,
  );
}

/** Deletes a version; its number is never given again. */
export async function deleteVersion(api: MlflowApi, name: string, version: string): Promise<void> {
  await missingAsUndefined(
    api.call(
      { method: 'DELETE', path: 'model-versions/delete', body: { name, version }, repeat: 'safe' },
      anything,
    ),
  );
}

/** Sets a tag of a version. */
export async function tagVersion(api: MlflowApi, name: string, version: string, tag: Entry): Promise<void> {
  const body = { name, version, ...tag };
  await api.call({ method: 'POST', path: 'model-versions/set-tag', body, repeat: 'safe' }, anything);
}

/** The version that an alias points at, undefined when there is no such alias or model. */
export async function aliasTarget(api: MlflowApi, name: string, alias: string): Promise<string | undefined> {
  const schema = z.object({
    registered_model: z.object({
      aliases: z.optional(
        z.array(z.object({ alias: z.string(), version: modelVersionSchema.shape.version })),
      ),
    }),
  });
  const found = await missingAsUndefined(
    api.call({ method: 'GET', path: 'registered-models/get', query: { name }, repeat: 'safe' }, schema),
  );
  return found?.registered_model.aliases?.find((a) => a.alias === alias)?.version;
}

/** Points an alias at a version, whatever it pointed at before. Needs the right to edit only, never that to delete. */
export async function setAlias(api: MlflowApi, name: string, alias: string, version: string): Promise<void> {
  const body = { name, alias, version };
  await api.call({ method: 'POST', path: 'registered-models/alias', body, repeat: 'safe' }, anything);
}

import * as z from 'zod/mini';
import { createOnce, type MlflowApi } from './api.ts';
import { MlflowRefusal } from './answer.ts';
import { anything, experimentSchema } from './schemas.ts';

/** An experiment that is there; `deleted` when it lies in MLflow's bin. */
export interface Experiment {
  readonly id: string;
  readonly deleted: boolean;
}

/** The experiment of this name, undefined when there is none. */
export async function findExperiment(api: MlflowApi, name: string): Promise<Experiment | undefined> {
  const schema = z.object({ experiment: experimentSchema });
  const found = await missingAsUndefined(
    api.call(
      { method: 'GET', path: 'experiments/get-by-name', query: { experiment_name: name }, repeat: 'safe' },
      schema,
    ),
  );
  if (found === undefined) return undefined;
  const { experiment_id: id, lifecycle_stage: stage } = found.experiment;
  return { id, deleted: stage === 'deleted' };
}

/** The id of the experiment of this name, which was just `found` or not; made or taken out of MLflow's bin when needed. */
export async function ensureExperiment(
  api: MlflowApi,
  name: string,
  found: Experiment | undefined,
): Promise<string> {
  const experiment =
    found ??
    (await createOnce(
      api,
      () => findExperiment(api, name),
      async () => ({ id: await createExperiment(api, name), deleted: false }),
      true,
    ));
  if (experiment.deleted) {
    await api.call(
      { method: 'POST', path: 'experiments/restore', body: { experiment_id: experiment.id }, repeat: 'safe' },
      anything,
    );
  }
  return experiment.id;
}

async function createExperiment(api: MlflowApi, name: string): Promise<string> {
  const schema = z.object({ experiment_id: experimentSchema.shape.experiment_id });
  try {
    const made = await api.call(
      { method: 'POST', path: 'experiments/create', body: { name }, repeat: 'once' },
      schema,
    );
    return made.experiment_id;
  } catch (error) {
    // Somebody else was faster.
    const now = alreadyExists(error) ? await findExperiment(api, name) : undefined;
    if (now === undefined) throw error;
    return now.id;
  }
}

/** Whether MLflow refused because the thing is there; open source and Databricks call it differently. */
export function alreadyExists(error: unknown): boolean {
  return error instanceof MlflowRefusal && ['RESOURCE_ALREADY_EXISTS', 'ALREADY_EXISTS'].includes(error.code);
}

/** The answer, undefined when MLflow has no such thing. */
export async function missingAsUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof MlflowRefusal && ['RESOURCE_DOES_NOT_EXIST', 'NOT_FOUND'].includes(error.code))
      return undefined;
    throw error;
  }
}

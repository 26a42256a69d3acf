import * as z from 'zod/mini';
import { createOnce, type MlflowApi } from './api.ts';
import { missingAsUndefined } from './experiments.ts';
import { batches, type Entry, type Metric } from './limits.ts';
import { anything, runSchema, type Run } from './schemas.ts';

/** A data set that went into a run or that it was judged on. */
export interface DataInput {
  readonly name: string;
  /** sha256, hex. */
  readonly sha256: string;
  readonly context: 'training' | 'evaluation';
  /** Where it was read from; absent for a file of the checkout. */
  readonly uri?: string;
}

const DATASET_NAME = 500;
/** MLflow keeps 36 characters of a digest; a tag of the run has all of it. */
const DATASET_DIGEST = 36;
const DATASETS_PER_CALL = 100;

/** Makes a run; each call makes another one. */
export async function createRun(
  api: MlflowApi,
  run: {
    readonly experimentId: string;
    readonly name: string;
    readonly startedAt: Date;
    readonly tags: readonly Entry[];
  },
): Promise<Run> {
  const body = {
    experiment_id: run.experimentId,
    run_name: run.name,
    start_time: run.startedAt.getTime(),
    tags: run.tags,
  };
  const made = await api.call(
    { method: 'POST', path: 'runs/create', body, repeat: 'once' },
    z.object({ run: runSchema }),
  );
  return made.run;
}

/** Logs metrics, parameters and tags. The same again, with the same `at`, changes nothing. */
export async function logToRun(
  api: MlflowApi,
  run: { readonly id: string; readonly modelId: string; readonly at: Date },
  content: {
    readonly metrics: readonly Metric[];
    readonly params: readonly Entry[];
    readonly tags: readonly Entry[];
  },
): Promise<void> {
  for (const { metrics, params, tags } of batches(content.metrics, content.params, content.tags)) {
    const body = {
      run_id: run.id,
      metrics: metrics.map(({ key, value }) => ({
        key,
        value,
        timestamp: run.at.getTime(),
        step: 0,
        model_id: run.modelId,
      })),
      params,
      tags,
    };
    await api.call({ method: 'POST', path: 'runs/log-batch', body, repeat: 'safe' }, anything);
  }
}

/** Links data sets to a run. */
export async function logDataInputs(
  api: MlflowApi,
  runId: string,
  inputs: readonly DataInput[],
): Promise<void> {
  for (let from = 0; from < inputs.length; from += DATASETS_PER_CALL) {
    const datasets = inputs.slice(from, from + DATASETS_PER_CALL).map(({ name, sha256, context, uri }) => ({
      tags: [{ key: 'mlflow.data.context', value: context }],
      dataset: {
        name: name.slice(0, DATASET_NAME),
        digest: sha256.slice(0, DATASET_DIGEST),
        source_type: uri?.startsWith('s3://') === true ? 's3' : 'local',
        source: JSON.stringify({ uri: uri ?? name, sha256 }),
      },
    }));
    await api.call(
      { method: 'POST', path: 'runs/log-inputs', body: { run_id: runId, datasets }, repeat: 'safe' },
      anything,
    );
  }
}

/** The run of this id, also one in MLflow's bin; undefined when it is gone for good. */
export async function getRun(api: MlflowApi, runId: string): Promise<Run | undefined> {
  const schema = z.object({ run: runSchema });
  const call = { method: 'GET', path: 'runs/get', query: { run_id: runId }, repeat: 'safe' } as const;
  return (await missingAsUndefined(api.call(call, schema)))?.run;
}

/** Takes a run out of MLflow's bin. */
export async function restoreRun(api: MlflowApi, runId: string): Promise<void> {
  await api.call({ method: 'POST', path: 'runs/restore', body: { run_id: runId }, repeat: 'safe' }, anything);
}

/** Says that a run made a model. MLflow keeps every repetition, so a run that is not `fresh` is looked at first. */
export async function logModelOutput(
  api: MlflowApi,
  runId: string,
  modelId: string,
  fresh: boolean,
): Promise<void> {
  const body = { run_id: runId, models: [{ model_id: modelId, step: 0 }] };
  await createOnce(
    api,
    async () => {
      const run = await getRun(api, runId);
      return run?.outputs?.model_outputs?.find((output) => output.model_id === modelId);
    },
    async () => {
      await api.call({ method: 'POST', path: 'runs/outputs', body, repeat: 'once' }, anything);
      return { model_id: modelId };
    },
    fresh,
  );
}

/** Ends a run as finished. */
export async function finishRun(api: MlflowApi, runId: string, at: Date): Promise<void> {
  const body = { run_id: runId, status: 'FINISHED', end_time: at.getTime() };
  await api.call({ method: 'POST', path: 'runs/update', body, repeat: 'safe' }, anything);
}

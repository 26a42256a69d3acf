import type { Log } from '../../action/log.ts';
import { createOnce } from '../../mlflow/api.ts';
import { ensureExperiment, findExperiment, type Experiment } from '../../mlflow/experiments.ts';
import type { Entry } from '../../mlflow/limits.ts';
import { createLoggedModel, findLoggedModel, getLoggedModel, markReady } from '../../mlflow/logged-models.ts';
import { createRun, findRun, finishRun, getRun, logModelOutput } from '../../mlflow/runs.ts';
import { filesOfLoggedModel } from '../../mlflow/listing.ts';
import { placeOf } from '../../mlflow/place.ts';
import type { LoggedModel, Run } from '../../mlflow/schemas.ts';
import type { Publication, Site } from '../../mlflow/site.ts';
import { findVersions } from '../../mlflow/versions.ts';
import { upload, type Material } from './upload.ts';

/** Tag of a run, a logged model and a version: the model digest, hex. */
export const DIGEST_TAG = 'sluice.model-digest';
const MODEL_TAG = 'sluice.model';

const NOTHING: ReadonlyMap<string, number> = new Map();

/** Looks where these bytes lie: by a registered version of them, else by a run of the experiment. */
export async function findPublication(
  site: Site,
  model: string,
  digest: string,
): Promise<Publication | undefined> {
  const known = site.complete.get(`${model} ${digest}`);
  return known ?? (await look(site, model, digest)).begun;
}

/** What there is of a model in MLflow, as far as one has to look. */
interface Sight {
  readonly begun?: Publication | undefined;
  readonly experiment?: Experiment | undefined;
  /** A run without a model. */
  readonly run?: Run | undefined;
}

async function look(site: Site, model: string, digest: string): Promise<Sight> {
  const { api } = site;
  const [[version], experiment] = await Promise.all([
    findVersions(api, site.name, { key: DIGEST_TAG, value: digest }),
    findExperiment(api, site.experiment),
  ]);
  const modelId = /^models:\/(m-\w+)$/.exec(version?.source ?? '')?.[1];
  if (version?.run_id !== undefined && version.run_id !== '' && modelId !== undefined) {
    const [run, logged] = await Promise.all([getRun(api, version.run_id), getLoggedModel(api, modelId)]);
    return { begun: publication(run, logged) };
  }
  if (experiment === undefined) return {};
  const run = await findRun(api, experiment.id, keyTags(model, digest));
  if (run === undefined) return { experiment };
  const logged = await findLoggedModel(api, experiment.id, keyOf(run));
  return logged === undefined ? { experiment, run } : { begun: publication(run, logged) };
}

function publication(run: Run, model: LoggedModel): Publication {
  return {
    run,
    model,
    modelPlace: placeOf(model.info.artifact_uri, { model_id: model.info.model_id }),
    runPlace: placeOf(run.info.artifact_uri, { run_id: run.info.run_id }),
    complete: model.info.status === 'LOGGED_MODEL_READY',
  };
}

/** Publishes a model, or finishes what a run that broke off had begun. `created` is false when all of it was there. */
export async function publish(
  site: Site,
  material: Material,
  log: Log,
): Promise<{ readonly publication: Publication; readonly created: boolean }> {
  const key = `${material.model} ${material.digest}`;
  const known = site.complete.get(key);
  if (known !== undefined) return { publication: known, created: false };
  const sight = await look(site, material.model, material.digest);
  const begun = sight.begun ?? (await begin(site, material, sight));
  if (!begun.complete) {
    const { run_id: runId } = begun.run.info;
    const { model_id: modelId } = begun.model.info;
    const present = sight.begun === undefined ? NOTHING : await filesOfLoggedModel(site.api, modelId);
    await upload(site, begun, { ...material, present, log });
    await Promise.all([
      logModelOutput(site.api, runId, modelId, sight.begun === undefined),
      finishRun(site.api, runId, new Date()),
    ]);
    await markReady(site.api, modelId);
  }
  const publication = { ...begun, complete: true };
  site.complete.set(key, publication);
  return { publication, created: !begun.complete };
}

async function begin(
  { api, experiment }: Site,
  { model, digest }: Material,
  seen: Sight,
): Promise<Publication> {
  const experimentId = await ensureExperiment(api, experiment, seen.experiment);
  const tags = keyTags(model, digest);
  const run =
    seen.run ??
    (await createOnce(
      api,
      () => findRun(api, experimentId, tags),
      () =>
        createRun(api, {
          experimentId,
          name: `${model}-${digest.slice(0, 8)}`,
          startedAt: new Date(),
          tags,
        }),
      true,
    ));
  const key = keyOf(run);
  const logged = await createOnce(
    api,
    () => findLoggedModel(api, experimentId, key),
    () =>
      createLoggedModel(api, {
        experimentId,
        name: model,
        runId: run.info.run_id,
        tags: [...tags, key],
      }),
    true,
  );
  return publication(run, logged);
}

function keyTags(model: string, digest: string): Entry[] {
  return [
    { key: MODEL_TAG, value: model },
    { key: DIGEST_TAG, value: digest },
  ];
}

/** A run makes one model here, so the run's id is the model's key. */
function keyOf(run: Run): Entry {
  return { key: 'sluice.run-id', value: run.info.run_id };
}

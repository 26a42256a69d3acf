import type { Log } from '../../action/log.ts';
import { createOnce, type MlflowApi } from '../../mlflow/api.ts';
import { ensureExperiment, findExperiment, type Experiment } from '../../mlflow/experiments.ts';
import type { Entry } from '../../mlflow/limits.ts';
import { createLoggedModel, getLoggedModel, loggedModelOf, markReady } from '../../mlflow/logged-models.ts';
import { createRun, finishRun, getRun, logModelOutput, restoreRun } from '../../mlflow/runs.ts';
import { findLoggedModels, findRuns } from '../../mlflow/search.ts';
import { filesOfLoggedModel } from '../../mlflow/listing.ts';
import { placeOf, type Place } from '../../mlflow/place.ts';
import { tagOf, type LoggedModel, type ModelVersion, type Run } from '../../mlflow/schemas.ts';
import type { Publication, Site } from '../../mlflow/site.ts';
import { findVersions } from '../../mlflow/versions.ts';
import { readEntry } from './entry.ts';
import { layoutOf, upload, type Material } from './upload.ts';

/** Tag of a run, a logged model and a version: the model digest, hex. */
export const DIGEST_TAG = 'sluice.model-digest';
const MODEL_TAG = 'sluice.model';
const RUN_TAG = 'sluice.run-id';

const NOTHING: ReadonlyMap<string, number> = new Map();

/** Where these bytes lie: whole before begun, registered before others; undefined when nothing of them is there. */
export async function findPublication(
  site: Site,
  model: string,
  digest: string,
): Promise<Publication | undefined> {
  const known = site.complete.get(`${model} ${digest}`);
  return known ?? (await look(site, model, digest)).publications[0];
}

/** The files of every run that published these bytes: puts at the same moment, and runs whose model was deleted since. */
export async function runPlaces(site: Site, model: string, digest: string): Promise<Place[]> {
  return (await look(site, model, digest)).runs.map(runPlaceOf);
}

/** What there is of a model in MLflow. */
interface Sight {
  readonly experiment?: Experiment | undefined;
  /** Every run of these bytes; also one in MLflow's bin that a version names, after the others. */
  readonly runs: readonly Run[];
  /** Those of them that have a logged model, the best first. */
  readonly publications: readonly Publication[];
}

async function look(site: Site, model: string, digest: string): Promise<Sight> {
  const { api } = site;
  const [versions, experiment] = await Promise.all([
    findVersions(api, site.name, { key: DIGEST_TAG, value: digest }),
    findExperiment(api, site.experiment),
  ]);
  const tags = keyTags(model, digest);
  const [named, runs, models] = await Promise.all([
    Promise.all(versions.map((version) => publicationOf(api, version))),
    experiment === undefined ? [] : findRuns(api, experiment.id, tags),
    experiment === undefined ? [] : findLoggedModels(api, experiment.id, tags),
  ]);
  const ofRun = new Map(models.map((one) => [tagOf(one.info, RUN_TAG), one]));
  const pairs = [...named, ...runs.map((run) => ({ run, logged: ofRun.get(run.info.run_id) }))];
  // A person may have deleted one half of what a version names, or all of it.
  const found = pairs.flatMap(({ run, logged }) => (run === undefined ? [] : [{ run, logged }]));
  const publications = found.flatMap(({ run, logged }) =>
    logged === undefined ? [] : [publication(run, logged)],
  );
  const rank = ({ run, complete }: Publication): number => (complete ? 0 : 2) + (isDeleted(run) ? 1 : 0);
  return {
    experiment,
    runs: [...new Map(found.map(({ run }) => [run.info.run_id, run])).values()].sort(
      (a, b) => Number(isDeleted(a)) - Number(isDeleted(b)),
    ),
    publications: publications.sort((a, b) => rank(a) - rank(b)),
  };
}

/** The run and the logged model that a version names, as far as they are there. */
async function publicationOf(
  api: MlflowApi,
  { run_id: runId = '', source = '' }: ModelVersion,
): Promise<{ readonly run: Run | undefined; readonly logged: LoggedModel | undefined }> {
  const modelId = loggedModelOf(source);
  const [run, logged] = await Promise.all([
    runId === '' ? undefined : getRun(api, runId),
    modelId === undefined ? undefined : getLoggedModel(api, modelId),
  ]);
  return { run, logged };
}

function publication(run: Run, model: LoggedModel): Publication {
  return {
    run,
    model,
    modelPlace: placeOf(model.info.artifact_uri, { model_id: model.info.model_id }),
    runPlace: runPlaceOf(run),
    complete: model.info.status === 'LOGGED_MODEL_READY',
  };
}

const runPlaceOf = ({ info }: Run): Place => placeOf(info.artifact_uri, { run_id: info.run_id });

const isDeleted = ({ info }: Run): boolean => info.lifecycle_stage === 'deleted';

/** Takes a run out of MLflow's bin: what is registered again is needed again, and a run there takes nothing. */
async function undeleted(api: MlflowApi, run: Run, log: Log): Promise<Run> {
  if (!isDeleted(run)) return run;
  await restoreRun(api, run.info.run_id);
  log.warning(
    `MLflow's run ${run.info.run_id} had been deleted, and a version names it; it was taken out of MLflow's bin.`,
  );
  return { ...run, info: { ...run.info, lifecycle_stage: 'active' } };
}

/** Publishes a model, or brings what is missing of it since a run broke off or somebody deleted it. `created` is false when all of it was there. */
export async function publish(
  site: Site,
  material: Material,
  log: Log,
): Promise<{ readonly publication: Publication; readonly created: boolean }> {
  const key = `${material.model} ${material.digest}`;
  const known = site.complete.get(key);
  if (known !== undefined) return { publication: known, created: false };
  const sight = await look(site, material.model, material.digest);
  const [earlier] = sight.publications;
  const begun =
    earlier === undefined
      ? await begin(site, material, sight, log)
      : { ...earlier, run: await undeleted(site.api, earlier.run, log) };
  const { run_id: runId } = begun.run.info;
  const { model_id: modelId } = begun.model.info;
  const present = earlier === undefined ? NOTHING : await filesOfLoggedModel(site.api, modelId);
  const created = !(begun.complete && (await isWhole(site, begun, material, present)));
  if (created) {
    await upload(site, begun, { ...material, present, log });
    await Promise.all([
      logModelOutput(site.api, runId, modelId, earlier === undefined),
      finishRun(site.api, runId, new Date()),
    ]);
    await markReady(site.api, modelId);
  }
  const publication = { ...begun, complete: true };
  site.complete.set(key, publication);
  return { publication, created };
}

/** Whether what was published once is still there: its description, and every file with its size. */
async function isWhole(
  site: Site,
  published: Publication,
  material: Material,
  present: ReadonlyMap<string, number>,
): Promise<boolean> {
  const { prefix } = await layoutOf(material);
  if (!material.files.every(({ path, bytes }) => present.get(`${prefix}${path}`) === bytes)) return false;
  return (await readEntry(site, published, material.digest)) !== undefined;
}

async function begin(
  { api, experiment }: Site,
  { model, digest }: Material,
  seen: Sight,
  log: Log,
): Promise<Publication> {
  const experimentId = await ensureExperiment(api, experiment, seen.experiment);
  const tags = keyTags(model, digest);
  // A run whose upload had not begun, or whose model was deleted since.
  const [started] = seen.runs;
  const run =
    started === undefined
      ? await createOnce(
          api,
          async () => (await findRuns(api, experimentId, tags))[0],
          () =>
            createRun(api, {
              experimentId,
              name: `${model}-${digest.slice(0, 8)}`,
              startedAt: new Date(),
              tags,
            }),
          true,
        )
      : await undeleted(api, started, log);
  const key = keyOf(run);
  const logged = await createOnce(
    api,
    async () => (await findLoggedModels(api, experimentId, [key]))[0],
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
  return { key: RUN_TAG, value: run.info.run_id };
}

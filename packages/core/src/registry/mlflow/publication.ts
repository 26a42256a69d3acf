import { lstat } from 'node:fs/promises';
import * as path from 'node:path';
import * as z from 'zod/mini';
import type { Log } from '../../action/log.ts';
import type { FileDigest } from '../../digest/files.ts';
import type { Companion } from '../../store/store.ts';
import { createOnce, type MlflowApi } from './api.ts';
import { placeOf, uploadFile, uploadText, type Place } from './artifacts.ts';
import { ensureExperiment, findExperiment, type Experiment } from './experiments.ts';
import type { Entry } from './limits.ts';
import { createLoggedModel, findLoggedModel, getLoggedModel, markReady } from './logged-models.ts';
import { MLMODEL, MODEL_FOLDER } from './mlmodel.ts';
import { inParallel } from '../../transfer/parallel.ts';
import { trackProgress } from '../../transfer/progress.ts';
import { createRun, findRun, finishRun, getRun, logModelOutput } from './runs.ts';
import type { LoggedModel, Run } from './schemas.ts';
import { findVersions } from './versions.ts';

/** One MLflow server, and how this model is called there. */
export interface Site {
  readonly api: MlflowApi;
  /** Name of the experiment. */
  readonly experiment: string;
  /** Name of the registered model. */
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
  /** What this process has seen complete, which never changes; by model and digest. */
  readonly complete: Map<string, Publication>;
}

/** A model's bytes in MLflow: a run, and the logged model that it made. */
export interface Publication {
  readonly run: Run;
  readonly model: LoggedModel;
  /** Where the model's files lie. */
  readonly modelPlace: Place;
  /** Where the files of the run lie. */
  readonly runPlace: Place;
  /** Whether every file is there. */
  readonly complete: boolean;
}

/** Tag of a run, a logged model and a version: the model digest, hex. */
export const DIGEST_TAG = 'sluice.model-digest';
const MODEL_TAG = 'sluice.model';

/** Folder of the run's artifacts for everything that is not the model. */
export const COMPANIONS = 'sluice/';
const ENTRY = `${COMPANIONS}entry.json`;
const UPLOADS_AT_ONCE = 4;

/** What `entry.json` says: which of the files are the model, and what lies beside it. */
export const entrySchema = z.object({
  kind: z.enum(['file', 'folder']),
  /** What the names of the model's files begin with in MLflow. */
  prefix: z.string(),
  files: z.array(z.object({ path: z.string(), bytes: z.number(), sha256: z.string() })),
  companions: z.array(z.string()),
});
export type PublishedEntry = z.infer<typeof entrySchema>;

/** Name of the file in a run's artifacts that describes the model. */
export const entryName = ENTRY;

/** What is published. */
export interface Material {
  readonly model: string;
  /** The model digest, hex. */
  readonly digest: string;
  readonly modelPath: string;
  readonly files: readonly FileDigest[];
  /** Files that make it a model for MLflow, by name, when it is none by itself. */
  readonly additions: ReadonlyMap<string, Companion>;
  readonly companions: ReadonlyMap<string, Companion>;
}

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
    await upload(site, begun, material, log);
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

/** Files of the model first, its description last. */
async function upload(
  { api, signal }: Site,
  { modelPlace, runPlace }: Publication,
  material: Material,
  log: Log,
): Promise<void> {
  const { modelPath, files, additions, companions } = material;
  const kind = (await lstat(modelPath)).isDirectory() ? 'folder' : 'file';
  const base = kind === 'folder' ? modelPath : path.dirname(modelPath);
  const prefix = files.some((file) => file.path === MLMODEL) && kind === 'folder' ? '' : MODEL_FOLDER;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const what = `Uploading sha256:${material.digest.slice(0, 12)} to MLflow`;
  const progress = trackProgress({ log, what, bytes });
  await inParallel(files, UPLOADS_AT_ONCE, async (file) => {
    signal?.throwIfAborted();
    await uploadFile(api, modelPlace, `${prefix}${file.path}`, path.join(base, file.path));
    progress.add(file.bytes);
  });
  progress.done();
  await uploadAll(api, modelPlace, '', additions);
  await uploadAll(api, runPlace, COMPANIONS, companions);
  const entry: PublishedEntry = {
    kind,
    prefix,
    files: [...files],
    companions: [...companions.keys()].sort(),
  };
  await uploadText(api, runPlace, ENTRY, `${JSON.stringify(entry, null, 2)}\n`);
}

async function uploadAll(
  api: MlflowApi,
  place: Place,
  prefix: string,
  files: ReadonlyMap<string, Companion>,
): Promise<void> {
  await inParallel([...files], UPLOADS_AT_ONCE, ([name, content]) =>
    'text' in content
      ? uploadText(api, place, `${prefix}${name}`, content.text)
      : uploadFile(api, place, `${prefix}${name}`, content.path),
  );
}

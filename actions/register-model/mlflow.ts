import { UserError, isUserError } from '@sluice/core/action/errors.ts';
import type { Log } from '@sluice/core/action/log.ts';
import type { ModelState } from '@sluice/core/ledger/state.ts';
import type { WriteResult } from '@sluice/core/ledger/repository.ts';
import { fitMetrics, fitParams, fitTags } from '@sluice/core/mlflow/limits.ts';
import {
  confirm,
  release,
  reserve,
  restore,
  type Candidate,
} from '@sluice/core/registry/mlflow/projection.ts';
import type { Publication, Site } from '@sluice/core/mlflow/site.ts';
import { publish } from '@sluice/core/store/mlflow/publication.ts';
import type { Material } from '@sluice/core/store/mlflow/upload.ts';
import { logDataInputs, logToRun } from '@sluice/core/mlflow/runs.ts';
import type { Reason } from './definition.ts';
import type { Lineage } from './lineage.ts';
import type { Result } from './result.ts';

/** What is shown of a model in MLflow beside its bytes. */
export interface Content extends Lineage {
  readonly metrics: Readonly<Record<string, number>>;
}

/** A model to be shown in MLflow. */
export interface Exhibit {
  readonly site: Site;
  readonly material: Material;
  readonly content: Content;
  /** For people, in MLflow's pages. */
  readonly description: string;
  readonly log: Log;
}

/** What became of it. */
export interface Shown {
  readonly mlflow?: NonNullable<Result['mlflow']>;
  /** Why MLflow does not show what the ledger says, and how to repair that. */
  readonly behind?: string;
}

/** How often somebody else may take the number in the ledger before this gives up. */
const ATTEMPTS = 5;

/**
 * Registers a version whose number MLflow gives, first there and then in the ledger, which decides. A run that breaks off
 * in between leaves a version in MLflow that no ledger tag names; the next run for these bytes takes it up.
 */
export async function registerNumbered(
  exhibit: Exhibit,
  before: ModelState,
  write: (version: string) => Promise<WriteResult>,
): Promise<{ readonly written: WriteResult; readonly shown: Shown }> {
  const { site, log } = exhibit;
  const candidate = await candidateOf(exhibit);
  let { takenVersions } = before;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const reservation = await reserve(site, candidate, takenVersions);
    if (reservation.skipped.length > 0) {
      log.info(
        `MLflow counted from ${reservation.skipped[0] ?? ''}, and the ledger has given these numbers already; MLflow passes over them, so that version ${reservation.number} is ${reservation.version} in both.`,
      );
    }
    const written = await write(reservation.version);
    if (written.plan.kind !== 'refused') {
      if (written.plan.version === reservation.version)
        return { written, shown: await settled(exhibit, candidate, written) };
      await release(site, reservation);
      return { written, shown: await showExisting(exhibit, written.plan.version) };
    }
    await release(site, reservation);
    takenVersions = written.state.takenVersions;
  }
  throw new UserError<Reason>(
    'superseded',
    `Others wrote into the ledger each time MLflow had given a number, ${ATTEMPTS} times. Run the step again.`,
    { decision: 'fail' },
  );
}

/** Makes sure that MLflow shows a version that the ledger has. What MLflow refuses is no failure of the version. */
export async function showExisting(exhibit: Exhibit, version: string): Promise<Shown> {
  return tolerant(exhibit, version, async () => {
    const candidate = await candidateOf(exhibit);
    const projected = await restore(exhibit.site, version, candidate);
    if (projected.kind === 'differs') return { behind: projected.message };
    if (projected.kind === 'changed') exhibit.log.info(projected.message);
    await confirm(
      exhibit.site,
      projected.number,
      `${exhibit.material.model}@${version}`,
      candidate.publication,
    );
    return { mlflow: describe(exhibit.site, candidate.publication, projected.number) };
  });
}

/** The ledger has the version; from here on MLflow can only be behind. */
async function settled(exhibit: Exhibit, candidate: Candidate, { plan, state }: WriteResult): Promise<Shown> {
  if (plan.kind === 'refused') return {};
  const { site } = exhibit;
  const record = state.versions.find((v) => v.version === plan.version);
  const number = plan.version.slice(1, plan.version.indexOf('.'));
  return tolerant(exhibit, plan.version, async () => {
    await confirm(site, number, record?.tag ?? '', candidate.publication);
    return { mlflow: describe(site, candidate.publication, number) };
  });
}

async function tolerant({ site }: Exhibit, version: string, body: () => Promise<Shown>): Promise<Shown> {
  try {
    return await body();
  } catch (error) {
    if (!isUserError(error) || error.reasonCode === 'cancelled') throw error;
    return {
      behind: `The ledger has ${version}, but MLflow at ${site.api.connection.uri} does not show it as it should: ${error.message} Run this step again for the same bytes; that repairs it.`,
    };
  }
}

/** Brings bytes, metrics, parameters and data into MLflow; all of it may be there already. */
async function candidateOf({ site, material, content, description, log }: Exhibit): Promise<Candidate> {
  const { publication, created } = await publish(site, material, log);
  const { run_id: runId } = publication.run.info;
  log.info(
    `MLflow run ${runId}: ${created ? 'the files are uploaded' : 'the files were there already'} (${publication.model.info.model_id}).`,
  );
  await describeRun(site, publication, content, log);
  return { digest: material.digest, publication, description };
}

async function describeRun(
  { api }: Site,
  { run, model }: Publication,
  { metrics, params, tags, inputs }: Content,
  log: Log,
): Promise<void> {
  const fitted = {
    metrics: fitMetrics(Object.entries(metrics).map(([key, value]) => ({ key, value }))),
    params: fitParams(params),
    tags: fitTags(tags),
  };
  const known = new Map(run.data?.params?.map(({ key, value }) => [key, value ?? '']));
  const fixed = fitted.params.entries.filter(({ key, value }) => (known.get(key) ?? value) !== value);
  const notes = [
    ...fitted.metrics.notes,
    ...fitted.params.notes,
    ...fitted.tags.notes,
    ...fixed.map(
      ({ key, value }) =>
        `MLflow's run has the parameter ${key} = ${known.get(key) ?? ''} and never changes it; now it is ${value}. The same bytes came from other parameters.`,
    ),
  ];
  for (const note of notes) log.warning(note, { title: 'register-model: MLflow' });
  // The run's own time, so that the same metrics again are no new points.
  const at = new Date(Number(run.info.start_time ?? 0));
  const target = { id: run.info.run_id, modelId: model.info.model_id, at };
  const entries = {
    metrics: fitted.metrics.entries,
    params: fitted.params.entries.filter(({ key }) => !known.has(key)),
    tags: fitted.tags.entries,
  };
  await Promise.all([logToRun(api, target, entries), logDataInputs(api, run.info.run_id, inputs)]);
}

function describe(
  { api, name }: Site,
  { run, model }: Publication,
  number: string,
): NonNullable<Result['mlflow']> {
  return {
    'experiment-id': run.info.experiment_id,
    'run-id': run.info.run_id,
    'model-id': model.info.model_id,
    version: number,
    uri: `models:/${name}/${number}`,
    page: `${api.connection.uri}/#/models/${encodeURIComponent(name)}/versions/${number}`,
  };
}

import type { Log } from '../../action/log.ts';
import { fitMetrics, fitParams, fitTags } from '../../mlflow/limits.ts';
import { logDataInputs, logToRun } from '../../mlflow/runs.ts';
import type { Publication, Site } from '../../mlflow/site.ts';
import { publish } from '../../store/mlflow/publication.ts';
import type { Exhibit } from '../registry.ts';
import type { Candidate } from './projection.ts';
import { runContent, type RunContent } from './run-content.ts';

/** Where a model is shown, and the log of the step. */
export interface Showing {
  readonly site: Site;
  readonly log: Log;
}

/** What is shown of a model beside its bytes. */
interface Content extends RunContent {
  readonly metrics: Readonly<Record<string, number>>;
}

/** Brings bytes, metrics, parameters and data into MLflow; all of it may be there already. */
export async function candidateOf({ site, log }: Showing, exhibit: Exhibit): Promise<Candidate> {
  const { digest, circumstances, statements, metrics, loader } = exhibit;
  const material = { ...exhibit, additions: loader.additions };
  const { publication, created } = await publish(site, material, log);
  const { run_id: runId } = publication.run.info;
  log.info(
    `MLflow run ${runId}: ${created ? 'the files are uploaded' : 'the files were there already'} (${publication.model.info.model_id}).`,
  );
  await describeRun(site, publication, { metrics, ...runContent(statements, circumstances) }, log);
  const description = `Registered by Sluice from commit ${circumstances.commit}; model digest sha256:${digest}.`;
  return { digest, publication, description };
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

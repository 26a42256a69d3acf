import type { ModelFacts } from '../../mlflow/mlmodel.ts';
import type { Publication, Site } from '../../mlflow/site.ts';
import { code } from '../../report/markdown.ts';
import type { Exhibit, Shown } from '../registry.ts';

/** What is said of a version that MLflow shows. */
export function shownAs(
  { api, name }: Site,
  { loader }: Pick<Exhibit, 'loader'>,
  { run, model }: Publication,
  number: string,
): Shown {
  const { experiment_id: experiment, run_id: runId } = run.info;
  const uri = `models:/${name}/${number}`;
  return {
    entry: {
      mlflow: {
        'experiment-id': experiment,
        'run-id': runId,
        'model-id': model.info.model_id,
        version: number,
        uri,
        page: `${api.connection.uri}/#/models/${encodeURIComponent(name)}/versions/${number}`,
      },
    },
    rows: [
      ['MLflow', `${code(uri)} (run ${code(runId)})`],
      ['MLflow loads it', loads(loader.facts)],
    ],
  };
}

function loads(facts: ModelFacts | undefined): string {
  if (facts === undefined)
    return 'no: the model has no MLmodel file, and registry.mlmodel does not say how to load it';
  const flavours = facts.flavours.map(code).join(', ');
  return `as ${flavours}, ${facts.signature ? 'with' : 'without'} a signature`;
}

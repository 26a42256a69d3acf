import * as path from 'node:path';
import { restOf, type Rest } from '@sluice/testing/mlflow/rest.ts';
import type { StepResult } from '@sluice/testing/action.ts';
import { runStep } from '@sluice/testing/action.ts';
import { startProject, type Project } from '@sluice/testing/project.ts';

/** A project whose registry is MLflow, under a name that no other test has. */
export interface Setting {
  readonly project: Project;
  /** Name of the registered model and of the experiment. */
  readonly name: string;
  readonly rest: Rest;
  register(
    inputs?: Readonly<Record<string, string>>,
    more?: {
      readonly url?: string;
      readonly env?: Readonly<Record<string, string>>;
      readonly workspace?: string;
    },
  ): Promise<StepResult>;
  run(
    action: 'deploy' | 'rollback',
    inputs?: Readonly<Record<string, string>>,
    url?: string,
  ): Promise<StepResult>;
}

let count = 0;

/** `store` is the line of sluice.yaml; by default MLflow keeps the bytes. */
export async function startSetting(url: string, store = ''): Promise<Setting> {
  const name = `model-${++count}`;
  const project = await startProject(`version: 1
model: flight-delay
train: { model-path: out/model, metrics: out/metrics.json }
registry:
  type: mlflow
  name: ${name}
  experiment: ${name}
${store}
environments:
  production: { target: { type: directory, path: '\${SERVED}' } }
`);
  const { root, workspace } = project.repository;
  const env = { SERVED: path.join(root, 'served'), GITHUB_ACTOR: 'ada' };
  return {
    project,
    name,
    rest: restOf(url),
    register: (inputs = {}, more = {}) =>
      project.register(inputs, {
        env: { MLFLOW_TRACKING_URI: more.url ?? url, ...more.env },
        ...(more.workspace === undefined ? {} : { workspace: more.workspace }),
      }),
    run: (action, inputs = {}, at = url) =>
      runStep(action, {
        workspace,
        inputs: { ...(action === 'rollback' ? { reason: 'a test' } : {}), ...inputs },
        env: { ...env, MLFLOW_TRACKING_URI: at },
      }),
  };
}

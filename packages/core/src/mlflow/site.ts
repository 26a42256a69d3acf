import { openMlflow, type MlflowApi } from './api.ts';
import { readConnection } from './connection.ts';
import type { Place } from './place.ts';
import type { LoggedModel, Run } from './schemas.ts';

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

/** Where a model is in MLflow, as settings say it. */
export interface SiteSettings {
  /** Undefined: MLFLOW_TRACKING_URI. */
  readonly trackingUri: string | undefined;
  readonly experiment: string;
  readonly name: string;
}

/** Where a model is when no section of sluice.yaml is about MLflow. */
export function siteCalled(model: string): SiteSettings {
  return { trackingUri: undefined, experiment: model, name: model };
}

/** Opens the server of the settings when it is first asked for; then the same again. Throws like `openSite`. */
export function siteOpener(...settings: Parameters<typeof openSite>): () => Site {
  let opened: Site | undefined;
  return () => (opened ??= openSite(...settings));
}

/** Opens the server of the settings; nothing is sent yet. Throws UserError `bad-config` without an address. */
export function openSite(
  { trackingUri, experiment, name }: SiteSettings,
  env: Readonly<NodeJS.ProcessEnv>,
  signal?: AbortSignal,
): Site {
  return {
    api: openMlflow(readConnection(trackingUri, env), signal),
    experiment,
    name,
    signal,
    complete: new Map(),
  };
}

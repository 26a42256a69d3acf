import { openMlflow } from './api.ts';
import { readConnection } from './connection.ts';
import type { Site } from './publication.ts';

/** Where a model is in MLflow, as settings say it. */
export interface SiteSettings {
  /** Undefined: MLFLOW_TRACKING_URI. */
  readonly trackingUri: string | undefined;
  readonly experiment: string;
  readonly name: string;
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

import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import { parseVersion } from '@sluice/core/action/names.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import { loadConfig, type LoadedConfig } from '@sluice/core/config/load.ts';
import {
  environmentName,
  readVersionSettings,
  type VersionSettings,
} from '@sluice/core/delivery/version-settings.ts';
import type { INPUTS, Reason } from './definition.ts';

/** Which version is wanted: one by its name, or the one that is live somewhere. */
export type Wanted =
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'live'; readonly environment: string };

/** What a step is asked to fetch. */
export interface FetchRequest extends VersionSettings {
  readonly wanted: Wanted;
  /** Absolute path of the folder for the model's files, inside the checkout. */
  readonly folder: string;
  /** The folder as it was given, for messages. */
  readonly path: string;
}

/** Where the model goes when nobody says. */
const DEFAULT_PATH = 'model';

/** An input that is set wins over sluice.yaml. */
export async function readRequest(context: ActionContext<(typeof INPUTS)[number]>): Promise<FetchRequest> {
  const { inputs, workspace, directory } = context;
  const version = parseVersion('version', inputs.version);
  if (version !== undefined && inputs.environment !== undefined) {
    throw new UserError<Reason>(
      'bad-input',
      `Inputs 'environment' (${inputs.environment}) and 'version' (${version}) are both set. Set one: the environment for what is live there, or the version for that one wherever it is.`,
    );
  }
  const loaded = await loadConfig(context);
  const settings = readVersionSettings(context, loaded);
  const path = inputs.path ?? DEFAULT_PATH;
  return {
    ...settings,
    wanted:
      version === undefined
        ? { kind: 'live', environment: liveIn(inputs.environment, loaded) }
        : { kind: 'version', version },
    folder: await insideWorkspace(workspace, directory, path, { what: "input 'path'", kind: 'absent' }),
    path,
  };
}

function liveIn(given: string | undefined, loaded: LoadedConfig): string {
  if (given !== undefined || Object.keys(loaded.config.environments ?? {}).length > 0)
    return environmentName(given, loaded);
  throw new UserError<Reason>(
    'bad-input',
    "Neither input 'environment' nor 'version' is set, and sluice.yaml has no environment. Set one: the environment for what is live there, or a version such as v1.0.0.",
  );
}

import type { ActionContext } from '../action/context.ts';
import { UserError } from '../action/errors.ts';
import { parseName } from '../action/names.ts';
import { readModelName } from '../action/subject.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { EvidencePolicy } from '../evidence/policy.ts';
import { readEvidencePolicy } from '../evidence/policy-settings.ts';
import type { RegistrySettings } from '../registry/registry.ts';
import { readRegistry } from '../registry/settings.ts';

/** What a step needs to find a registered version and to believe its bytes. */
export interface VersionSettings {
  readonly model: string;
  /** Folder that a relative store is relative to. */
  readonly base: string;
  readonly registry: RegistrySettings;
  readonly policy: EvidencePolicy;
  /** The file with the keys that signatures are verified with, relative to `base`; undefined: those that are published. */
  readonly trustedRoot?: string | undefined;
}

/** Reads where versions of the model are kept and what has to vouch for them; the input `model` wins over the file. */
export function readVersionSettings(context: ActionContext, { config, base }: LoadedConfig): VersionSettings {
  const model = readModelName(context.inputs.model ?? config.model);
  return {
    model,
    base,
    registry: readRegistry(config.registry, model, context.env),
    policy: readEvidencePolicy(config.evidence, context.env),
    trustedRoot: config.evidence?.['trusted-root'],
  };
}

/** With a single environment in the file nobody has to name it. */
export function environmentName(given: string | undefined, { config }: Pick<LoadedConfig, 'config'>): string {
  const known = Object.keys(config.environments ?? {});
  if (given === undefined && known.length > 1) {
    throw new UserError(
      'bad-input',
      `No environment is named, and sluice.yaml has several: ${known.join(', ')}. Set the input 'environment'.`,
    );
  }
  return parseName('environment', given ?? known[0]);
}

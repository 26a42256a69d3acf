import { UserError } from '../action/errors.ts';
import { REGISTRIES, registryOf } from './index.ts';
import { allowedStores } from './stores.ts';
import type { RegistrySettings } from './registry.ts';
import type { RegistrySection, RegistryType } from './section.ts';

/** Reads the section `registry` of sluice.yaml; `input`, the input of that name, wins over its type. */
export function readRegistry(
  section: RegistrySection = { type: 'git' },
  model: string,
  env: Readonly<NodeJS.ProcessEnv>,
  input?: string,
): RegistrySettings {
  const type = input ?? section.type;
  if (!isType(type)) {
    const allowed = Object.entries(REGISTRIES).map(([name, { words }]) => `${name} (${words})`);
    throw new UserError('bad-input', `Input 'registry' is '${type}'. Allowed: ${allowed.join(' and ')}.`);
  }
  const kind = registryOf(section.type);
  const stores = allowedStores(section, kind.defaultStore);
  return { type, stores, ...kind.settings(section, model, env) };
}

function isType(text: string): text is RegistryType {
  return Object.hasOwn(REGISTRIES, text);
}

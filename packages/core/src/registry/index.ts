import { gitKind } from './git/kind.ts';
import { mlflowKind } from './mlflow/kind.ts';
import type { RegistryKind } from './registry.ts';
import type { RegistrySection, RegistryType } from './section.ts';

/** A row for each registry that sluice.yaml knows, which takes its own section. */
type Registries = {
  readonly [Type in RegistryType]: RegistryKind<Extract<RegistrySection, { readonly type: Type }>>;
};

/** The registries there are, by the `type` of their section. */
export const REGISTRIES = { git: gitKind, mlflow: mlflowKind } as const satisfies Registries;

/** The registry of this type. */
export function registryOf(type: RegistryType): RegistryKind {
  return REGISTRIES[type];
}

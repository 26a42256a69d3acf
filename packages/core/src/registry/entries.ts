import type * as z from 'zod/mini';
import { mlflowEntry } from './mlflow/entry.ts';

/** What registries add to `result` of register-model, by its key. */
export const registryEntries = { mlflow: mlflowEntry };

export type RegistryEntries = Partial<{
  readonly [Key in keyof typeof registryEntries]: z.infer<(typeof registryEntries)[Key]>;
}>;

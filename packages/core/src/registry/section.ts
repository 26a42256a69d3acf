import * as z from 'zod/mini';
import { gitSection } from './git/section.ts';
import { mlflowSection } from './mlflow/section.ts';

export const registrySection = z.discriminatedUnion('type', [gitSection, mlflowSection]);

export type RegistrySection = z.infer<typeof registrySection>;

/** The registries that sluice.yaml knows; each has a row in the table of index.ts. */
export type RegistryType = RegistrySection['type'];

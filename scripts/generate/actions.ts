import { readFile, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ReasonText } from '@sluice/core/action/reasons.ts';
import { parse } from 'yaml';
import * as z from 'zod/mini';

export const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');

const metadataSchema = z.strictObject({
  name: z.string(),
  author: z.string(),
  description: z.string(),
  branding: z.strictObject({ icon: z.string(), color: z.string() }),
  inputs: z.record(
    z.string(),
    z.strictObject({ description: z.string(), required: z.boolean(), default: z.optional(z.string()) }),
  ),
  outputs: z.record(z.string(), z.strictObject({ description: z.string() })),
  runs: z.strictObject({
    using: z.string(),
    main: z.string(),
    post: z.optional(z.string()),
    'post-if': z.optional(z.string()),
  }),
});

/** The contents of an action.yml, strict, so that a misspelt key is found. */
export type Metadata = z.infer<typeof metadataSchema>;

/** What an action's definition.ts says. */
export interface Definition {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly reasons: Readonly<Record<string, ReasonText>>;
}

/** The names of the suite's actions, in alphabetical order. */
export async function actionNames(): Promise<string[]> {
  const entries = await readdir(path.join(ROOT, 'actions'));
  return entries.filter((name) => existsSync(path.join(ROOT, 'actions', name, 'action.yml'))).sort();
}

export async function readMetadata(folder: string): Promise<Metadata> {
  const file = path.join(folder, 'action.yml');
  const parsed = metadataSchema.safeParse(parse(await readFile(file, 'utf8')));
  if (!parsed.success) throw new Error(`${file} is not as it should be:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

export async function readDefinition(folder: string): Promise<Definition> {
  const module = await load(folder, 'definition.ts');
  return {
    inputs: module['INPUTS'] as readonly string[],
    outputs: module['OUTPUTS'] as readonly string[],
    reasons: module['REASONS'] as Readonly<Record<string, ReasonText>>,
  };
}

/** The schema of what an action adds to the common part of `result`. */
export async function readResultSchema(folder: string): Promise<z.ZodMiniType> {
  return (await load(folder, 'result.ts'))['resultSchema'] as z.ZodMiniType;
}

async function load(folder: string, file: string): Promise<Record<string, unknown>> {
  return (await import(pathToFileURL(path.join(folder, file)).href)) as Record<string, unknown>;
}

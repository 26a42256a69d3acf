import { constants, cp, readFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as z from 'zod/mini';
import { makeFolderBelow, writeBelow } from '@sluice/core/action/below.ts';
import { errorMessage } from '@sluice/core/action/errors.ts';
import { sha256File } from '@sluice/core/digest/files.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import type { Outputs } from './inputs.ts';

const hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** What a cache entry says of itself: which inputs it belongs to, what it holds, which run made it. */
const manifestSchema = z.strictObject({
  version: z.literal(1),
  key: hex,
  parts: z.record(z.string(), z.string()),
  model: hex,
  metrics: z.optional(hex),
  predictions: z.optional(hex),
  origin: z.strictObject({
    startedOn: z.string(),
    finishedOn: z.string(),
    seconds: z.number(),
    invocationId: z.optional(z.string()),
    commit: z.optional(z.string()),
    dirty: z.boolean(),
  }),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** The run that made a model. */
export type Origin = Manifest['origin'];

const MANIFEST = 'manifest.json';
const KINDS = ['model', 'metrics', 'predictions'] as const;

/** Copies the outputs and their manifest into an empty folder below `root`. The manifest comes last: without it there is no entry. */
export async function writeEntry(
  root: string,
  folder: string,
  outputs: Outputs,
  manifest: Manifest,
): Promise<void> {
  await makeFolderBelow(root, folder);
  for (const kind of KINDS) {
    const output = outputs[kind];
    if (output !== undefined) await copy(output.absolute, path.join(folder, kind));
  }
  await writeBelow(root, path.join(folder, MANIFEST), JSON.stringify(manifest) + '\n');
}

/** The manifest of an entry for exactly `key` whose files are those it lists, or why the entry cannot be used. */
export async function readEntry(
  folder: string,
  key: string,
): Promise<Manifest | { readonly problem: string }> {
  try {
    const manifest = await readManifest(folder);
    if (manifest.key !== key) return { problem: `it belongs to the inputs ${manifest.key}` };
    const found = {
      model: (await digestModel(path.join(folder, 'model'))).sha256,
      metrics: manifest.metrics && (await sha256File(path.join(folder, 'metrics'))),
      predictions: manifest.predictions && (await sha256File(path.join(folder, 'predictions'))),
    };
    const wrong = KINDS.find((kind) => found[kind] !== manifest[kind]);
    return wrong === undefined
      ? manifest
      : { problem: `its ${wrong} has the digest ${String(found[wrong])}` };
  } catch (error) {
    return { problem: errorMessage(error) };
  }
}

/** Reads and checks the manifest alone; throws when there is none or it is not one. */
export async function readManifest(folder: string): Promise<Manifest> {
  return manifestSchema.parse(JSON.parse(await readFile(path.join(folder, MANIFEST), 'utf8')));
}

/** Copies a checked entry to where the command would have written it. */
export async function placeEntry(folder: string, outputs: Outputs, workspace: string): Promise<void> {
  for (const kind of KINDS) {
    const output = outputs[kind];
    if (output === undefined) continue;
    await makeFolderBelow(workspace, path.dirname(output.absolute));
    await copy(path.join(folder, kind), output.absolute);
  }
}

/** Copy on write where the file system can. */
function copy(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE, preserveTimestamps: true });
}

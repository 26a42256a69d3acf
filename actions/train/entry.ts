import { constants, cp } from 'node:fs/promises';
import * as path from 'node:path';
import { LIMITS, readBoundedText } from '@sluice/core/action/limits.ts';
import * as z from 'zod/mini';
import { makeFolderBelow, writeBelow } from '@sluice/core/action/below.ts';
import { errorMessage } from '@sluice/core/action/errors.ts';
import { sha256File } from '@sluice/core/digest/files.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import type { OutputPath, Outputs } from './inputs.ts';

const hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** What a cache entry says of itself: which inputs it belongs to, what it holds, which run made it. */
const manifestSchema = z.strictObject({
  version: z.literal(2),
  key: hex,
  parts: z.record(z.string(), z.string()),
  model: hex,
  metrics: z.optional(hex),
  predictions: z.optional(hex),
  others: z.array(hex),
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

/** An output and where an entry keeps it: in a folder of its own, under its name, which is part of a model's identity. */
interface KeptOutput {
  readonly kind: 'model' | 'metrics' | 'predictions' | 'others';
  readonly output: OutputPath;
  readonly kept: string;
}

function keptOutputs(folder: string, { model, metrics, predictions, others }: Outputs): KeptOutput[] {
  const keep = (
    kind: KeptOutput['kind'],
    output: OutputPath | undefined,
    slot: string = kind,
  ): KeptOutput[] =>
    output === undefined
      ? []
      : [{ kind, output, kept: path.join(folder, slot, path.basename(output.absolute)) }];
  return [
    ...keep('model', model),
    ...keep('metrics', metrics),
    ...keep('predictions', predictions),
    ...others.flatMap((output, index) => keep('others', output, `others-${index}`)),
  ];
}

/** Copies the outputs and their manifest into an empty folder below `root`. The manifest comes last: without it there is no entry. */
export async function writeEntry(
  root: string,
  folder: string,
  outputs: Outputs,
  manifest: Manifest,
): Promise<void> {
  for (const { output, kept } of keptOutputs(folder, outputs)) {
    await makeFolderBelow(root, path.dirname(kept));
    await copy(output.absolute, kept);
  }
  await writeBelow(root, path.join(folder, MANIFEST), JSON.stringify(manifest) + '\n');
}

/** The manifest of an entry for exactly `key` whose files are those it lists, or why the entry cannot be used. */
export async function readEntry(
  folder: string,
  key: string,
  outputs: Outputs,
): Promise<Manifest | { readonly problem: string }> {
  try {
    const manifest = await readManifest(folder);
    if (manifest.key !== key) return { problem: `it belongs to the inputs ${manifest.key}` };
    const others = [...manifest.others];
    for (const { kind, output, kept } of keptOutputs(folder, outputs)) {
      const expected = kind === 'others' ? others.shift() : manifest[kind];
      const isFile = kind === 'metrics' || kind === 'predictions';
      const found = isFile ? await sha256File(kept) : (await digestModel(kept)).sha256;
      if (found === expected) continue;
      return { problem: `its ${kind === 'others' ? output.name : kind} has the digest ${found}` };
    }
    return manifest;
  } catch (error) {
    return { problem: errorMessage(error) };
  }
}

/** Reads and checks the manifest alone; throws when there is none or it is not one. */
export async function readManifest(folder: string): Promise<Manifest> {
  return manifestSchema.parse(
    JSON.parse(
      await readBoundedText(path.join(folder, MANIFEST), {
        name: MANIFEST,
        reason: 'bad-input',
        limit: LIMITS.settings,
      }),
    ),
  );
}

/** Copies a checked entry to where the command would have written it. */
export async function placeEntry(folder: string, outputs: Outputs, workspace: string): Promise<void> {
  for (const { output, kept } of keptOutputs(folder, outputs)) {
    await makeFolderBelow(workspace, path.dirname(output.absolute));
    await copy(kept, output.absolute);
  }
}

/** Copy on write where the file system can. */
function copy(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE, preserveTimestamps: true });
}

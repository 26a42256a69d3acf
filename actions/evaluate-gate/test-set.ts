import type { ActionContext } from '@sluice/core/action/context.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import { expandFiles, type FileSet } from '@sluice/core/data/files.ts';
import type { GateSettings } from './inputs.ts';

/** The files that the models are tested on, with digests; undefined when none are named. */
export async function readTestSet(
  context: ActionContext,
  settings: GateSettings,
): Promise<FileSet | undefined> {
  if (settings.testData === undefined) return undefined;
  const { what, patterns, base } = settings.testData;
  return expandFiles(patterns, {
    base,
    what,
    inside: (given) => insideWorkspace(context.workspace, base, given, { what, kind: 'file' }),
  });
}

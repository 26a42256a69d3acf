import type { ActionContext } from '@sluice/core/action/context.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import { expandFiles, type FileSet } from '@sluice/core/data/files.ts';
import { bringData } from '@sluice/core/dvc/check-data.ts';
import { readS3Data, type S3Data } from '@sluice/core/pins/bring/read.ts';
import type { GateSettings } from './inputs.ts';

const LONGEST_PULL_MS = 6 * 3600 * 1000;

/** The files that the models are tested on. */
export interface TestSet extends FileSet {
  readonly s3: S3Data;
}

/** Brings them into the workspace, with digests; undefined when none are named. */
export async function readTestSet(
  context: ActionContext,
  settings: GateSettings,
): Promise<TestSet | undefined> {
  if (settings.testData === undefined) return undefined;
  const { what, patterns, base } = settings.testData;
  const s3 = await readS3Data(context, {
    base: settings.base,
    requests: [settings.testData],
    writeLock: false,
  });
  const { env, signal, log, workspace } = context;
  await bringData({ patterns, base, workspace }, { env, signal, log, timeoutMs: LONGEST_PULL_MS });
  const files = await expandFiles(patterns, {
    base,
    what,
    found: s3.files,
    inside: (given) => insideWorkspace(workspace, base, given, { what, kind: 'file' }),
  });
  return { ...files, s3 };
}

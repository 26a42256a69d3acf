import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { insideWorkspace, isInside } from '@sluice/core/action/paths.ts';
import { digestOf, expandFiles, type DataFile, type FileSet } from '@sluice/core/data/files.ts';
import { hashFiles } from '@sluice/core/digest/parallel.ts';
import { bringData } from '@sluice/core/dvc/check-data.ts';
import type { TrackedCheck } from '@sluice/core/dvc/check.ts';
import { digestsWithoutCr } from '@sluice/core/ledger/line-ends.ts';
import { readS3Data, type S3Data } from '@sluice/core/pins/bring/read.ts';
import type { TestRows } from '@sluice/core/gate/held-rows.ts';
import type { PredictionsReader } from '@sluice/core/measuring/predictions-reader.ts';
import { md5Of, type LockedTestSet } from '@sluice/core/project/test-set.ts';
import type { GateSettings } from './inputs.ts';

const LONGEST_PULL_MS = 6 * 3600 * 1000;

/** What the models are tested on. */
export interface TestSet {
  readonly files: readonly DataFile[];
  /** sha256 (hex) over names and bytes of the files, with the line ends that git has; absent where only dvc.lock tells of them. */
  readonly digest?: string;
  /** DVC's digest of the bytes, where it tracks them as one. */
  readonly md5?: string;
  /** Set where only dvc.lock tells of them. */
  readonly locked?: LockedTestSet;
  readonly s3: S3Data;
}

/** Brings the files that are named into the workspace, with digests; undefined when nothing is known of a test set. */
export async function readTestSet(
  context: ActionContext,
  settings: GateSettings,
): Promise<TestSet | undefined> {
  const { testData, lockedTestSet } = settings;
  if (testData === undefined) return lockedTestSet && readLocked(lockedTestSet, settings.base, context);
  const { what, patterns, base } = testData;
  const s3 = await readS3Data(context, { base: settings.base, requests: [testData], writeLock: false });
  const { env, signal, log, workspace } = context;
  const checks = await bringData(
    { patterns, base, workspace },
    { env, signal, log, timeoutMs: LONGEST_PULL_MS },
  );
  const files = await expandFiles(patterns, {
    base,
    what,
    found: s3.files,
    inside: (given) => insideWorkspace(workspace, base, given, { what, kind: 'file' }),
  });
  const md5 = trackedAsOne(files, checks);
  const digest = await digestInGit(files, context);
  return { files: files.files, digest, ...(md5 === undefined ? {} : { md5 }), s3 };
}

/** The digest of the files as git has them: line ends that git changed for this machine make no other test set. */
async function digestInGit({ files }: FileSet, { directory, signal }: ActionContext): Promise<string> {
  const local = files.filter(({ origin }) => origin === undefined).map(({ absolute }) => absolute);
  const inGit = await digestsWithoutCr(local, directory, signal);
  return digestOf(
    files.map(({ path: name, absolute, sha256 }) => ({ path: name, sha256: inGit.get(absolute) ?? sha256 })),
  );
}

/** The digest of what DVC tracks where that is all of the files and nothing else. */
function trackedAsOne({ files }: FileSet, checks: readonly TrackedCheck[]): string | undefined {
  const [check, ...others] = checks;
  if (check === undefined || others.length > 0) return undefined;
  const { entry, absolute } = check.tracked;
  const isAll = entry.md5?.endsWith('.dir') === true ? check.isWhole : true;
  const isSame =
    isAll && check.files === files.length && files.every((file) => isInside(file.absolute, absolute));
  return isSame && entry.md5 !== undefined ? md5Of(entry) : undefined;
}

/** Rows of the test set to hold predictions against; undefined where there is no test set, or no predictions. */
export async function testRowsOf(
  { testData, lockedTestSet, predictions, evaluation }: GateSettings,
  testSet: TestSet | undefined,
  reader: PredictionsReader,
): Promise<TestRows | undefined> {
  if (testSet === undefined || (predictions === undefined && evaluation === undefined)) return undefined;
  if (testData !== undefined) return reader.readTestRows(testSet.files);
  // A stage may split what it reads, and measure on a part of it.
  const why = `The stage ${lockedTestSet?.stage ?? ''} of dvc.lock read ${lockedTestSet?.name ?? ''}; set data.test to have its rows compared.`;
  return { kind: 'unread', why };
}

/** Nothing is pulled for it: dvc.lock says which bytes they were. What lies here counts where it is the same. */
async function readLocked(
  locked: LockedTestSet,
  base: string,
  { workspace }: ActionContext,
): Promise<TestSet> {
  const { absolute, entry, md5 } = locked;
  const s3: S3Data = { files: new Map(), notes: [] };
  const isFile = (await stat(absolute).catch(() => undefined))?.isFile() === true;
  const [hashed] = isFile ? await hashFiles([absolute], entry.algorithm) : [];
  if (hashed?.hex !== entry.md5) return { files: [], md5, locked, s3 };
  const what = 'the test set of dvc.lock';
  const { files, digest } = await expandFiles([path.relative(base, absolute)], {
    base,
    what,
    inside: (given) => insideWorkspace(workspace, base, given, { what, kind: 'file' }),
  });
  return { files, digest, md5, s3 };
}

import { copyFile, constants, realpath, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { makeFolderBelow, removeBelow } from '../action/below.ts';
import { UserError, isUserError } from '../action/errors.ts';
import { isInside } from '../action/paths.ts';
import { digestModel } from '../digest/model.ts';
import { checkOutCommit } from '../ledger/check-out.ts';
import type { VersionRecord } from '../ledger/state.ts';
import { evaluateModel, type Evaluation } from '../measuring/evaluation.ts';
import type { LoadedPredictions } from '../measuring/predictions-reader.ts';
import { openLedgerOf } from './ledger-reader.ts';
import type { BaselineRequest } from './request.ts';
import type { StoredVersion } from './stored-files.ts';

/** What scoring a version again came to. */
export interface Scored {
  readonly modelBytes: number;
  /** Its predictions, or why there are none, in a sentence. */
  readonly predictions: LoadedPredictions | string;
}

/** What the code of another day makes of a model: its command fails, or what it writes are no predictions. */
const UNSCORABLE: readonly string[] = [
  'command-failed',
  'unreadable-data',
  'no-rows',
  'duplicate-id',
  'not-a-number',
];

/** Fetches a version's bytes and scores them on today's test set, with the candidate's command. */
export async function scoreAgain(
  { record, store, digest }: StoredVersion,
  evaluation: Evaluation,
  request: BaselineRequest,
): Promise<Scored> {
  const { context, settings, scratch, reader } = request;
  const folder = path.join(scratch, 'baseline');
  await makeFolderBelow(scratch, folder);
  const { modelPath } = await store.fetch(settings.model, digest, folder);
  const { bytes: modelBytes } = await digestModel(modelPath);
  const predictions = path.join(scratch, `baseline-predictions${evaluation.extension}`);
  const isOwn = settings.baseline.evaluateAt === 'its-commit';
  const who = `the baseline ${record.version}${isOwn ? ` with the code of ${record.commit.slice(0, 7)}` : ''}`;
  try {
    const cwd = isOwn ? await ownFolder(record, evaluation, request) : evaluation.cwd;
    await evaluateModel(context, { ...evaluation, cwd }, { modelPath, predictions, root: scratch, who });
    return { modelBytes, predictions: await reader.readFile(predictions, `the predictions of ${who}`) };
  } catch (error) {
    if (!isUserError(error) || !UNSCORABLE.includes(error.reasonCode)) throw error;
    return { modelBytes, predictions: error.message };
  }
}

/** The folder of sluice.yaml in the files of a version's own commit, with today's test set in its place there. */
async function ownFolder(
  { commit, version }: VersionRecord,
  { cwd }: Evaluation,
  { context, scratch, testFiles }: BaselineRequest,
): Promise<string> {
  const { access } = await openLedgerOf(context);
  const root = path.join(scratch, 'its-commit');
  await makeFolderBelow(scratch, root);
  const failed = await checkOutCommit(access, commit, root, context.signal);
  if (failed !== undefined) {
    throw new UserError(
      'command-failed',
      `The files of ${version} cannot be checked out at its commit ${commit.slice(0, 7)}: ${failed.why}`,
    );
  }
  const { top } = access;
  for (const file of testFiles) {
    const real = await realpath(file);
    if (isInside(real, top)) await putInPlace(root, real, path.relative(top, real));
  }
  const folder = path.join(root, path.relative(top, await realpath(cwd)));
  if ((await stat(folder).catch(() => undefined))?.isDirectory() === true) return folder;
  throw new UserError(
    'command-failed',
    `The commit ${commit.slice(0, 7)} of ${version} has no folder ${path.relative(top, cwd)}.`,
  );
}

/** No link of that commit leads what is written out of its files. */
async function putInPlace(root: string, from: string, name: string): Promise<void> {
  const target = path.join(root, name);
  await makeFolderBelow(root, path.dirname(target));
  await removeBelow(root, target);
  await copyFile(from, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
}

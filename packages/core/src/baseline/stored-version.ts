import * as path from 'node:path';
import { makeFolderBelow } from '../action/below.ts';
import { digestModel } from '../digest/model.ts';
import { countMissing } from '../gate/row-index.ts';
import type { MeasuredBaseline, Comparable, UntestedRows } from '../gate/measured-models.ts';
import type { Measurement } from '../gate/measurement.ts';
import { parseMetrics, type LoggedMetrics } from '../gate/metrics-file.ts';
import type { Sample } from '../gate/sample.ts';
import { recordedTestSet, testSetText } from '../gate/test-set-identity.ts';
import { isIdentified, type VersionRecord } from '../ledger/state.ts';
import { evaluateModel, type Evaluation } from '../measuring/evaluation.ts';
import type { LoadedPredictions } from '../measuring/predictions-reader.ts';
import { siteOpener } from '../mlflow/site.ts';
import { openStoreOf } from '../registry/stores.ts';
import { parseGateRecord, type GateRecord } from './gate-record.ts';
import { matched } from './matching.ts';
import type { BaselineRequest } from './request.ts';
import { storedFiles, type StoredFiles, type StoredVersion } from './stored-files.ts';
import { isSameByMd5, testSetDifference } from './test-set-difference.ts';

/** Measures a registered version: by scoring it again where the candidate is scored, else from what is stored beside it. */
export async function measureVersion(
  record: VersionRecord,
  request: BaselineRequest,
): Promise<MeasuredBaseline> {
  const { settings, candidate, testSet } = request;
  const stored = openRecord(record, request);
  const files = storedFiles(stored);
  const text = await files.record();
  const gate = text === undefined ? undefined : parseGateRecord(text, `gate.json of ${record.version}`);
  const difference = testSetDifference(gate, testSet, record.version);
  const isRecorded = testSetText(recordedTestSet(gate)) !== undefined;
  const metrics = await storedMetrics(files, gate);
  const again =
    settings.evaluation !== undefined && candidate.predictions !== undefined
      ? await scoreAgain(stored, settings.evaluation, request)
      : undefined;
  const sample =
    again === undefined
      ? await storedSample(files, difference, request)
      : matched(candidate.predictions, again.predictions);
  const modelBytes = again?.modelBytes ?? gate?.metrics['model-bytes'];
  return {
    kind: 'present',
    sample,
    ...(modelBytes === undefined ? {} : { modelBytes }),
    ...(again === undefined || difference === undefined || !isRecorded
      ? {}
      : { untested: await untestedRows(files, request) }),
    isSameByMd5: isSameByMd5(gate, testSet),
    training: gate?.['training-rows'],
    logged:
      difference === undefined
        ? { kind: 'same', value: metrics }
        : { kind: 'different', message: difference },
  };
}

function openRecord(record: VersionRecord, { context, settings }: BaselineRequest): StoredVersion {
  if (!isIdentified(record))
    throw new Error(`no source of a baseline names a version without a digest, but ${record.tag}`);
  const { model, base, registry } = settings;
  const { env, log, signal } = context;
  const site = siteOpener(registry.site, env, signal);
  const token = context.inputs['github-token'];
  const store = openStoreOf(record, registry.stores, { base, env, log, signal, token, site });
  return { store, model, digest: record.modelDigest, record };
}

/** Fetches the baseline's bytes and scores them on today's test set with the candidate's own command. */
async function scoreAgain(
  { record, store, digest }: StoredVersion,
  evaluation: Evaluation,
  { context, settings, scratch, reader }: BaselineRequest,
): Promise<{ readonly predictions: LoadedPredictions; readonly modelBytes: number }> {
  const folder = path.join(scratch, 'baseline');
  await makeFolderBelow(scratch, folder);
  const { modelPath } = await store.fetch(settings.model, digest, folder);
  const predictions = path.join(scratch, `baseline-predictions${evaluation.extension}`);
  const who = `the baseline ${record.version}`;
  await evaluateModel(context, evaluation, { modelPath, predictions, root: scratch, who });
  return {
    predictions: await reader.readFile(predictions, `the predictions of ${who}`),
    modelBytes: (await digestModel(modelPath)).bytes,
  };
}

/** Compares today's rows, by id, with those of the predictions that the baseline was judged by. */
async function untestedRows(
  files: StoredFiles,
  { reader, candidate }: BaselineRequest,
): Promise<UntestedRows> {
  const name = await files.predictionsName();
  const file = name === undefined ? undefined : await files.predictions(name);
  if (file === undefined) return { kind: 'unknown', why: 'no predictions are stored with it' };
  const then = await reader.readRows(file);
  const now = candidate.predictions?.ids;
  if (then.kind === 'unread' || then.ids === undefined || now === undefined) {
    return { kind: 'unknown', why: 'an id is missing in its predictions or in those of today' };
  }
  return { kind: 'counted', rows: now.length, untested: countMissing(now, then.ids) };
}

async function storedSample(
  files: StoredFiles,
  difference: string | undefined,
  { reader, candidate }: BaselineRequest,
): Promise<Comparable<Sample>> {
  if (candidate.predictions === undefined) return { kind: 'absent' };
  const name = await files.predictionsName();
  if (name === undefined) return { kind: 'absent' };
  if (difference !== undefined) return { kind: 'different', message: difference };
  const file = await files.predictions(name);
  return file === undefined
    ? { kind: 'absent' }
    : matched(candidate.predictions, await reader.readFile(file, `the stored ${name} of the baseline`));
}

/** What the team logged, and what an earlier gate computed. */
async function storedMetrics(files: StoredFiles, gate: GateRecord | undefined): Promise<LoggedMetrics> {
  const text = await files.metrics();
  const logged: LoggedMetrics =
    text === undefined ? new Map() : parseMetrics(text, 'metrics.json of the baseline');
  const computed = Object.entries(gate?.metrics ?? {}).map(
    ([name, value]) => [name, { kind: 'value', value }] as const,
  );
  return new Map<string, Measurement>([...logged, ...computed]);
}

import { UserError } from '../action/errors.ts';
import { countMissing } from '../gate/row-index.ts';
import type { MeasuredBaseline, Comparable, UntestedRows } from '../gate/measured-models.ts';
import type { Measurement } from '../gate/measurement.ts';
import { parseMetrics, type LoggedMetrics } from '../gate/metrics-file.ts';
import type { Sample } from '../gate/sample.ts';
import { recordedTestSet, testSetText } from '../gate/test-set-identity.ts';
import { isIdentified, type VersionRecord } from '../ledger/state.ts';
import { siteOpener } from '../mlflow/site.ts';
import { openStoreOf } from '../registry/stores.ts';
import { parseGateRecord, type GateRecord } from './gate-record.ts';
import { matched } from './matching.ts';
import type { BaselineRequest } from './request.ts';
import { scoreAgain, type Scored } from './scoring.ts';
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
  const difference = testSetDifference(gate, testSet, record.version, {
    policy: settings.baseline.onDifferentTestSet,
    canScore: settings.evaluation === undefined,
  });
  const isRecorded = testSetText(recordedTestSet(gate)) !== undefined;
  const metrics = await storedMetrics(files, gate);
  const scored =
    settings.evaluation !== undefined && candidate.predictions !== undefined
      ? await scoreAgain(stored, settings.evaluation, request)
      : undefined;
  const { sample, unscored } = await sampleOf(scored, files, difference, request);
  const isScored = scored !== undefined && unscored === undefined;
  const modelBytes = scored?.modelBytes ?? gate?.metrics['model-bytes'];
  return {
    kind: 'present',
    sample,
    ...(unscored === undefined ? {} : { unscored }),
    ...(modelBytes === undefined ? {} : { modelBytes }),
    ...(isScored && difference !== undefined && isRecorded
      ? { untested: await untestedRows(files, request) }
      : {}),
    isSameByMd5: isSameByMd5(gate, testSet),
    training: gate?.['training-rows'],
    logged:
      difference === undefined
        ? { kind: 'same', value: metrics }
        : { kind: 'different', message: difference },
  };
}

/** What was scored, else what is stored; `unscored` says why that stands in. */
async function sampleOf(
  scored: Scored | undefined,
  files: StoredFiles,
  difference: string | undefined,
  request: BaselineRequest,
): Promise<{ readonly sample: Comparable<Sample>; readonly unscored?: string }> {
  if (scored === undefined) return { sample: await storedSample(files, difference, request) };
  const { predictions } = scored;
  if (typeof predictions !== 'string') {
    return { sample: matched(request.candidate.predictions, predictions) };
  }
  const sample = await storedSample(files, difference, request);
  if (sample.kind === 'same') return { sample, unscored: predictions };
  const why = `${predictions} ${howToScore(request)}`;
  if (sample.kind === 'different') {
    const message = `${why} Its stored predictions cannot stand in: ${sample.message}`;
    return { sample: { kind: 'different', message }, unscored: predictions };
  }
  throw new UserError('command-failed', `${why} No predictions of it are stored that could stand in.`);
}

function howToScore({ settings }: BaselineRequest): string {
  const carry = 'a model that carries its features can be scored by the code of any day.';
  return settings.baseline.evaluateAt === 'its-commit'
    ? `Let models carry what makes their features: ${carry}`
    : `Set gate.evaluate-baseline-at: its-commit, which scores it with the files of its own commit; ${carry}`;
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

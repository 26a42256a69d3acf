import { mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import type { ActionContext } from '../action/context.ts';
import { UserError } from '../action/errors.ts';
import { digestModel } from '../digest/model.ts';
import { isPredictions } from '../evidence/bound-files.ts';
import type { BaselineEvidence, Comparable } from '../gate/kinds/metric/judge.ts';
import { matchRows, type Rows } from '../gate/match.ts';
import { parseMetrics, type LoggedMetrics } from '../gate/metrics-file.ts';
import type { Measurement } from '../gate/measurement.ts';
import { takeRows, type Sample } from '../gate/sample.ts';
import type { VersionRecord } from '../ledger/state.ts';
import { siteOpener } from '../mlflow/site.ts';
import { openStore } from '../store/index.ts';
import type { FoundBaseline } from './finding.ts';
import { readMetrics, type Candidate } from '../../../../actions/evaluate-gate/candidate.ts';
import { evaluateModel } from './evaluation.ts';
import { parseGateRecord, type GateRecord } from './gate-record.ts';
import type { GateSettings, GivenPath } from '../../../../actions/evaluate-gate/inputs.ts';
import type { LoadedPredictions, PredictionsReader } from '../../../../actions/evaluate-gate/predictions.ts';
import { storedFiles, type StoredFiles, type StoredVersion } from './stored-files.ts';
import type { GateFolders } from '../../../../actions/evaluate-gate/workspace.ts';

/** Everything that measuring a baseline needs. */
export interface BaselineRequest {
  readonly context: ActionContext;
  readonly settings: GateSettings;
  readonly folders: GateFolders;
  readonly reader: PredictionsReader;
  readonly candidate: Candidate;
  /** Digest of today's test set; undefined when its files are not named. */
  readonly testSet: string | undefined;
}

const NO_METRICS: Comparable<LoggedMetrics> = { kind: 'absent' };

/** What may be compared with the candidate, its rows in the candidate's order. */
export async function measureBaseline(
  found: FoundBaseline,
  request: BaselineRequest,
): Promise<BaselineEvidence> {
  switch (found.kind) {
    case 'none':
      return { kind: 'none' };
    case 'given':
      return measureGiven(request, request.settings.baseline);
    case 'file':
      return measureGiven(request, asGiven(found.path, request.settings.base));
    case 'version':
      return measureVersion(found.record, request);
  }
}

/** `file:` names predictions or metrics, by its ending. */
function asGiven(given: string, base: string): { metrics?: GivenPath; predictions?: GivenPath } {
  const file: GivenPath = { what: `the baseline 'file:${given}'`, given, base };
  return /\.(json|ya?ml)$/i.test(given) ? { metrics: file } : { predictions: file };
}

/** Whoever names files says that they are comparable; rows are still matched. */
async function measureGiven(
  { context, reader, candidate }: BaselineRequest,
  { metrics, predictions }: { metrics?: GivenPath; predictions?: GivenPath },
): Promise<BaselineEvidence> {
  const sample = predictions === undefined ? undefined : await reader.readGiven(predictions);
  return {
    kind: 'present',
    sample: matched(candidate, sample),
    logged:
      metrics === undefined
        ? NO_METRICS
        : { kind: 'same', value: (await readMetrics(context, metrics)).logged },
  };
}

async function measureVersion(record: VersionRecord, request: BaselineRequest): Promise<BaselineEvidence> {
  const { settings, candidate, testSet } = request;
  const stored = openRecord(record, request);
  const files = storedFiles(stored);
  const text = await files.record();
  const gate = text === undefined ? undefined : parseGateRecord(text, `gate.json of ${record.version}`);
  const difference = testSetDifference(gate, testSet, record.version);
  const metrics = await storedMetrics(files, gate);
  const again =
    settings.evaluate !== undefined && candidate.predictions !== undefined
      ? await scoreAgain(stored, request)
      : undefined;
  const sample =
    again === undefined
      ? await storedSample(stored, files, difference, request)
      : matched(candidate, again.predictions);
  const modelBytes = again?.modelBytes ?? gate?.metrics['model-bytes'];
  return {
    kind: 'present',
    sample,
    ...(modelBytes === undefined ? {} : { modelBytes }),
    logged:
      difference === undefined
        ? { kind: 'same', value: metrics }
        : { kind: 'different', message: difference },
  };
}

function openRecord(record: VersionRecord, { context, settings }: BaselineRequest): StoredVersion {
  const { version, tag, modelDigest, store } = record;
  if (modelDigest !== undefined && store !== undefined) {
    const { model, base, registry } = settings;
    const { env, log, signal } = context;
    const site = siteOpener(registry.site, env, signal);
    const token = context.inputs['github-token'];
    return {
      store: openStore(store, { base, env, log, signal, token, site }),
      model,
      digest: modelDigest,
      record,
    };
  }
  throw new UserError(
    'missing-file',
    `The baseline is ${version}, but its tag ${tag} does not say where the model is (Model-Digest and Store). It was written by another tool; register the model with register-model, or choose another baseline.`,
  );
}

/** Fetches the baseline's bytes and scores them on today's test set with the candidate's own command. */
async function scoreAgain(
  { record, store, digest }: StoredVersion,
  { context, settings, folders, reader }: BaselineRequest,
): Promise<{ readonly predictions: LoadedPredictions; readonly modelBytes: number }> {
  const folder = path.join(folders.scratch, 'baseline');
  await mkdir(folder, { recursive: true });
  const { modelPath } = await store.fetch(settings.model, digest, folder);
  const predictions = path.join(folders.scratch, `baseline-predictions${settings.predictionsExtension}`);
  const who = `the baseline ${record.version}`;
  const command = settings.evaluate as string;
  await evaluateModel(context, { command, modelPath, predictions, cwd: settings.base, who });
  return {
    predictions: await reader.readFile(predictions, `the predictions of ${who}`),
    modelBytes: (await digestModel(modelPath)).bytes,
  };
}

async function storedSample(
  { store, model, digest }: StoredVersion,
  files: StoredFiles,
  difference: string | undefined,
  { reader, candidate }: BaselineRequest,
): Promise<Comparable<Sample>> {
  const names = await store.companions(model, digest);
  const name = names.find(isPredictions);
  if (name === undefined || candidate.predictions === undefined) return { kind: 'absent' };
  if (difference !== undefined) return { kind: 'different', message: difference };
  const file = await files.predictions(name);
  return file === undefined
    ? { kind: 'absent' }
    : matched(candidate, await reader.readFile(file, `the stored ${name} of the baseline`));
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

/** Stored numbers count only when it is certain that they are about today's test set. */
function testSetDifference(
  gate: GateRecord | undefined,
  testSet: string | undefined,
  version: string,
): string | undefined {
  const then = gate?.['test-set-digest'] ?? undefined;
  const remedy = "Set gate.evaluate, so that the baseline is scored on today's test set.";
  if (then === undefined) return `It is not recorded which test set ${version} was measured on. ${remedy}`;
  if (testSet === undefined) {
    return `Today's test set is not known. Set 'data' or data.test, so that it can be compared with the one ${version} was measured on (sha256:${then}).`;
  }
  if (then === testSet) return undefined;
  return `${version} was measured on another test set (sha256:${then.slice(0, 12)}…, today's is sha256:${testSet.slice(0, 12)}…). ${remedy}`;
}

function matched({ predictions: own }: Candidate, other: LoadedPredictions | undefined): Comparable<Sample> {
  if (own === undefined || other === undefined) return { kind: 'absent' };
  const match = matchRows(rowsOf(own), rowsOf(other));
  if (match.kind === 'different') return match;
  return { kind: 'same', value: takeRows(other.sample, match.order) };
}

function rowsOf({ ids, sample: { label, queries } }: LoadedPredictions): Rows {
  return { ...(ids === undefined ? {} : { ids }), label, ...(queries === undefined ? {} : { queries }) };
}

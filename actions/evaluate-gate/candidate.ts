import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError, isUserError } from '@sluice/core/action/errors.ts';
import { insideWorkspace } from '@sluice/core/action/paths.ts';
import { NotAPlainFileError, sha256 } from '@sluice/core/digest/files.ts';
import { EmptyModelError, digestModel, type ModelDigest } from '@sluice/core/digest/model.ts';
import { parseMetrics, type LoggedMetrics } from '@sluice/core/gate/metrics-file.ts';
import { evaluateModel } from '@sluice/core/baseline/evaluation.ts';
import type { Reason } from './definition.ts';
import type { GateSettings, GivenPath } from './inputs.ts';
import type { LoadedPredictions, PredictionsReader } from './predictions.ts';
import type { GateFolders } from './workspace.ts';

/** The model under test, measured. */
export interface Candidate {
  /** Absent when only numbers were given; then no model is vouched for. */
  readonly modelDigest?: string;
  /** Bytes of the model's files; known where the digest is. */
  readonly modelBytes?: number;
  readonly predictions?: LoadedPredictions;
  /** File name in the gate folder of the predictions that `evaluate` wrote. */
  readonly predictionsFile?: string;
  readonly logged: LoggedMetrics;
  /** sha256 (hex) of the metrics file; absent where none was read. */
  readonly metricsDigest?: string;
}

/** What a metrics file says, and the sha256 (hex) of its bytes. */
interface MetricsFile {
  readonly logged: LoggedMetrics;
  readonly metricsDigest?: string;
}

/** Measures the candidate: by the `evaluate` command, or from the files that were given. */
export async function measureCandidate(
  context: ActionContext,
  settings: GateSettings,
  folders: GateFolders,
  reader: PredictionsReader,
): Promise<Candidate> {
  const { modelPath, evaluate, predictions } = settings;
  const model = modelPath === undefined ? undefined : await identify(modelPath);
  const known = {
    ...(await readLogged(context, settings)),
    ...(model === undefined ? {} : { modelDigest: model.sha256, modelBytes: model.bytes }),
  };
  if (predictions !== undefined) return { ...known, predictions: await reader.readCandidate(predictions) };
  if (evaluate === undefined) {
    if (settings.metrics !== undefined) return known;
    throw new UserError<Reason>(
      'bad-input',
      "There is nothing to judge. Set 'metrics' or 'predictions' (or train.metrics, train.predictions), or 'evaluate' (gate.evaluate), a command that scores the model.",
    );
  }
  if (modelPath === undefined) {
    throw new UserError<Reason>(
      'bad-input',
      "'evaluate' scores a model, but no model is named. Set the input 'model-path' or train.model-path.",
    );
  }
  const predictionsFile = `predictions${settings.predictionsExtension}`;
  const file = path.join(folders.gate, predictionsFile);
  await evaluateModel(context, {
    command: evaluate,
    modelPath,
    predictions: file,
    cwd: settings.base,
    who: 'the candidate',
  });
  if ((await identify(modelPath)).sha256 !== model?.sha256) {
    throw new UserError<Reason>(
      'command-failed',
      `The command of gate.evaluate changed the model ${modelPath}, so it is not certain what it scored. Let it only read the model.`,
    );
  }
  const measured = await reader.readFile(file, 'the predictions of the candidate');
  return { ...known, predictions: measured, predictionsFile };
}

async function identify(modelPath: string): Promise<ModelDigest> {
  try {
    return await digestModel(modelPath);
  } catch (error) {
    if (!(error instanceof EmptyModelError || error instanceof NotAPlainFileError)) throw error;
    throw new UserError<Reason>('bad-input', `The model cannot be judged: ${error.message}`, {
      cause: error,
    });
  }
}

/** With another source of numbers, a metrics file that only sluice.yaml names may be absent. */
async function readLogged(context: ActionContext, settings: GateSettings): Promise<MetricsFile> {
  const { metrics, evaluate, predictions } = settings;
  if (metrics === undefined) return { logged: new Map() };
  try {
    return await readMetrics(context, metrics);
  } catch (error) {
    const optional =
      metrics.what === 'train.metrics' && (evaluate !== undefined || predictions !== undefined);
    if (!optional || !isUserError(error) || error.reasonCode !== 'missing-file') throw error;
    context.log.info(
      `train.metrics is '${metrics.given}', which does not exist; only computed metrics are known.`,
    );
    return { logged: new Map() };
  }
}

/** Reads a metrics file of the workspace. */
export async function readMetrics({ workspace }: ActionContext, file: GivenPath): Promise<MetricsFile> {
  const { what, given, base } = file;
  const absolute = await insideWorkspace(workspace, base, given, { what, kind: 'file' });
  const bytes = await readFile(absolute);
  return {
    logged: parseMetrics(bytes.toString('utf8'), `${what} (${given})`),
    metricsDigest: sha256(bytes),
  };
}

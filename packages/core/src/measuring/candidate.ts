import * as path from 'node:path';
import type { ActionContext } from '../action/context.ts';
import { UserError, isUserError } from '../action/errors.ts';
import type { GivenPath } from '../action/paths.ts';
import { digestModel, type ModelDigest } from '../digest/model.ts';
import { UnusableModelError } from '../digest/unusable.ts';
import { evaluateModel, type Evaluation } from './evaluation.ts';
import { readMetrics, type MetricsFile } from './metrics-file.ts';
import type { LoadedPredictions, PredictionsReader } from './predictions-reader.ts';

/** The model under test, measured. */
export interface Candidate extends MetricsFile {
  /** Absent when only numbers were given; then no model is vouched for. */
  readonly model?: ModelDigest;
  readonly predictions?: LoadedPredictions;
  /** File name of the predictions that `evaluate` wrote. */
  readonly predictionsFile?: string;
}

/** What is known of the candidate before it is measured. */
export interface CandidateSettings {
  /** Whether its predictions were made by the run of a pull request from a fork. */
  readonly fromFork: boolean;
  /** Absolute path of the model; absent when only its numbers are given. */
  readonly modelPath?: string;
  readonly metrics?: GivenPath & { readonly source: string };
  readonly predictions?: GivenPath;
  /** How it is scored; absent where its numbers are given. */
  readonly evaluation?: Evaluation;
}

/**
 * Measures the candidate: by the `evaluate` command, whose predictions stay in `folder`, or from the files that were given.
 */
export async function measureCandidate(
  context: ActionContext,
  settings: CandidateSettings,
  folder: string,
  reader: PredictionsReader,
): Promise<Candidate> {
  const { modelPath, evaluation, predictions, fromFork } = settings;
  const model = modelPath === undefined ? undefined : await identify(modelPath);
  const known = {
    ...(await readLogged(context, settings)),
    ...(model === undefined ? {} : { model }),
  };
  if (predictions !== undefined) {
    const read = fromFork ? reader.readUntrusted(predictions) : reader.readGiven(predictions);
    return { ...known, predictions: await read };
  }
  if (evaluation === undefined) {
    if (settings.metrics !== undefined) return known;
    throw new UserError(
      'bad-input',
      "There is nothing to judge. Set 'metrics' or 'predictions' (or train.metrics, train.predictions), or 'evaluate' (gate.evaluate), a command that scores the model.",
    );
  }
  if (modelPath === undefined) {
    throw new UserError(
      'bad-input',
      "'evaluate' scores a model, but no model is named. Set the input 'model-path' or train.model-path.",
    );
  }
  const predictionsFile = `predictions${evaluation.extension}`;
  const file = path.join(folder, predictionsFile);
  const root = context.directory;
  await evaluateModel(context, evaluation, { modelPath, predictions: file, root, who: 'the candidate' });
  if ((await identify(modelPath)).sha256 !== model?.sha256) {
    throw new UserError(
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
    if (!(error instanceof UnusableModelError)) throw error;
    throw new UserError('bad-input', `The model cannot be judged: ${error.message}`, { cause: error });
  }
}

/** With another source of numbers, a metrics file that no input names may be absent. */
async function readLogged(
  { workspace, log }: ActionContext,
  { metrics, evaluation, predictions }: CandidateSettings,
): Promise<MetricsFile> {
  if (metrics === undefined) return { logged: new Map() };
  try {
    return await readMetrics(workspace, metrics);
  } catch (error) {
    const optional = metrics.source !== 'input' && (evaluation !== undefined || predictions !== undefined);
    if (!optional || !isUserError(error) || error.reasonCode !== 'missing-file') throw error;
    log.info(`${metrics.what} is '${metrics.given}', which does not exist; only computed metrics are known.`);
    return { logged: new Map() };
  }
}

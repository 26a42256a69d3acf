import type { ActionContext } from '../action/context.ts';
import { askModel } from './model-command.ts';

/** How a model is scored on the test set. */
export interface Evaluation {
  readonly command: string;
  /** Folder the command runs in. */
  readonly cwd: string;
  /** File ending of the predictions that it is asked to write, with the dot. */
  readonly extension: string;
}

interface EvaluationRequest {
  /** Absolute path of the model to score. */
  readonly modelPath: string;
  /** Absolute path of the file to write; what lies there is removed first, so that an old file is never read as new. */
  readonly predictions: string;
  /** Absolute folder in which no link leads to the predictions. */
  readonly root: string;
  /** Which model it is, for the log. */
  readonly who: string;
}

/** Scores a model with the user's command. Throws `command-failed` when it fails or leaves no predictions. */
export async function evaluateModel(
  context: ActionContext,
  { command, cwd }: Evaluation,
  { modelPath, predictions, root, who }: EvaluationRequest,
): Promise<void> {
  await askModel(context, {
    place: 'gate.evaluate',
    command,
    cwd,
    values: { 'model-path': modelPath, predictions },
    written: { placeholder: 'predictions', what: 'predictions' },
    root,
    title: `Evaluate ${who}`,
    purpose: `score ${who}`,
  });
}

import { access } from 'node:fs/promises';
import { removeBelow } from '../action/below.ts';
import type { ActionContext } from '../action/context.ts';
import { commandFailure, runCommand } from '../action/command.ts';
import { UserError } from '../action/errors.ts';
import { splitCommand } from '../action/command-line.ts';

const PLACE = 'gate.evaluate';
/** The longest a job of GitHub's own runners may take. */
const LONGEST_MS = 6 * 3_600_000;

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
  const argv = splitCommand(command, { 'model-path': modelPath, predictions }, undefined, PLACE);
  await removeBelow(root, predictions);
  const { env, log, signal } = context;
  const end = await log.group(`Evaluate ${who}`, () =>
    runCommand({ argv, cwd, env, log, signal, timeoutMs: LONGEST_MS, place: PLACE, left: 'end' }),
  );
  const failure = commandFailure(end, PLACE);
  if (failure !== undefined) {
    throw new UserError(
      'command-failed',
      `${failure} It was to score ${who}. See the group 'Evaluate ${who}' in the log.`,
    );
  }
  await access(predictions).catch((error: unknown) => {
    throw new UserError(
      'command-failed',
      `The command of ${PLACE} succeeded for ${who} but wrote no file to {predictions} (${predictions}). Make it write its predictions there.`,
      { cause: error },
    );
  });
}

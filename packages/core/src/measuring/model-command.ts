import { access } from 'node:fs/promises';
import { removeBelow } from '../action/below.ts';
import type { ActionContext } from '../action/context.ts';
import { commandFailure, runCommand } from '../action/command.ts';
import { UserError } from '../action/errors.ts';
import { splitCommand } from '../action/command-line.ts';

/** The longest a job of GitHub's own runners may take. */
const LONGEST_MS = 6 * 3_600_000;

/** A command of the team's that asks a model and writes down what it says. */
export interface ModelCommand {
  /** The setting that holds the command, for messages. */
  readonly place: string;
  readonly command: string;
  /** Folder the command runs in. */
  readonly cwd: string;
  /** What its placeholders stand for. */
  readonly values: Readonly<Record<string, string>>;
  /** The placeholder that names the file to write, and what that file holds, in the plural. */
  readonly written: { readonly placeholder: string; readonly what: string };
  /** Absolute folder in which no link leads to that file. */
  readonly root: string;
  /** Title of its group in the log. */
  readonly title: string;
  /** What it was to do, as in `score the candidate`. */
  readonly purpose: string;
}

/**
 * Runs the command; what lies in the place of its file is removed first, so that an old file is never read as new. Returns the
 * file. Throws `command-failed` when the command fails or leaves no file.
 */
export async function askModel(
  { env, log, signal }: Pick<ActionContext, 'env' | 'log' | 'signal'>,
  { place, command, cwd, values, written, root, title, purpose }: ModelCommand,
): Promise<string> {
  const { placeholder, what } = written;
  const argv = splitCommand(command, values, undefined, place);
  const file = values[placeholder] ?? '';
  await removeBelow(root, file);
  const end = await log.group(title, () =>
    runCommand({ argv, cwd, env, log, signal, timeoutMs: LONGEST_MS, place, left: 'end' }),
  );
  const failure = commandFailure(end, place);
  if (failure !== undefined) {
    throw new UserError(
      'command-failed',
      `${failure} It was to ${purpose}. See the group '${title}' in the log.`,
    );
  }
  await access(file).catch((error: unknown) => {
    throw new UserError(
      'command-failed',
      `The command of ${place} succeeded but wrote no file to {${placeholder}} (${file}). It was to ${purpose}. Make it write its ${what} there.`,
      { cause: error },
    );
  });
  return file;
}

import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { commandEnvironment } from '@sluice/core/action/command.ts';
import { errorMessage } from '@sluice/core/action/errors.ts';
import type { Settings, TrainContext } from './inputs.ts';

const ASK_TIMEOUT_MS = 20_000;
const IS_PYTHON = /^python(?:[\d.]+)?(?:\.exe)?$/;

/**
 * The version that the command's own interpreter answers, such as `3.12.4`; undefined when the program is not Python
 * or does not answer. The answer is data, so it is kept off the log's command parser by the caller's `log.info`.
 */
export async function pythonVersion(
  { argv, cwd }: Settings['command'],
  { env, log, signal }: Pick<TrainContext, 'env' | 'log' | 'signal'>,
): Promise<string | undefined> {
  const program = argv[0] ?? '';
  if (!IS_PYTHON.test(path.basename(program))) return undefined;
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], {
      cwd,
      env: commandEnvironment(env),
      timeout: ASK_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      signal,
    });
    return /^Python (\S+)/.exec(stdout)?.[1];
  } catch (error) {
    signal.throwIfAborted();
    // The training command itself will say what is wrong with the interpreter, with a reason code.
    log.info(`The version of ${program} is not known: ${errorMessage(error)}`);
    return undefined;
  }
}

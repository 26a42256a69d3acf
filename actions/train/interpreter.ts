import { errorMessage } from '@sluice/core/action/errors.ts';
import { runHelper } from '@sluice/core/action/helper.ts';
import type { TrainSettings, TrainContext } from './inputs.ts';

const ASK_TIMEOUT_MS = 20_000;
/** Variables of the programs that choose an interpreter. */
const CHOOSERS = /^(?:PYENV|ASDF|MISE|UV|CONDA)_\w+$/;
const IS_PYTHON = /(?:^|[\\/])python(?:[\d.]+)?(?:\.(?:exe|bat|cmd))?$/;

/**
 * The version that the command's own interpreter answers, such as `3.12.4`; undefined when the program is not Python
 * or does not answer. The answer is data, so it is kept off the log's command parser by the caller's `log.info`.
 */
export async function pythonVersion(
  { argv, cwd }: TrainSettings['command'],
  { env, log, signal }: Pick<TrainContext, 'env' | 'log' | 'signal'>,
): Promise<string | undefined> {
  const program = argv[0] ?? '';
  if (!IS_PYTHON.test(program)) return undefined;
  try {
    // Where the command runs next: pyenv and its like choose the interpreter by a file in that folder.
    const { output } = await runHelper(program, ['--version'], {
      env,
      also: CHOOSERS,
      folder: cwd,
      signal: AbortSignal.any([signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]),
    });
    return /^Python (\S+)/m.exec(output)?.[1];
  } catch (error) {
    signal.throwIfAborted();
    // The training command itself will say what is wrong with the interpreter, with a reason code.
    log.info(`The version of ${program} is not known: ${errorMessage(error)}`);
    return undefined;
  }
}

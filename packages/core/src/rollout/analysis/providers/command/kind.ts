import { splitCommand } from '../../../../action/command-line.ts';
import { askProgram, commandFailure } from '../../../../action/command.ts';
import { parseDuration } from '../../../../schema/duration.ts';
import { countingAnalysis } from '../counting.ts';
import { questionOf, readCounts } from '../counts.ts';
import type { ProviderKind } from '../kind.ts';
import type { CommandConfig } from './schema.ts';

const DEFAULT_TIMEOUT = '60s';
/** More of an answer than this is not read. */
const LONGEST_ANSWER = 1024 * 1024;

/** Counts that a program of the team's knows how to find. */
export const command: ProviderKind<CommandConfig> = async ({ value, name, folder }, { env, log }) => {
  const place = `${name}.run`;
  const argv = splitCommand(value.run, {}, env, place);
  const timeoutMs = parseDuration(value.timeout ?? DEFAULT_TIMEOUT, `${name}.timeout`);
  return countingAnalysis(value, async (window, signal) => {
    const question = questionOf(window);
    const end = await askProgram({
      argv,
      cwd: folder,
      env,
      log,
      signal,
      timeoutMs,
      place,
      left: 'end',
      question: `${JSON.stringify({ 'schema-version': 1, ...question })}\n`,
      longestAnswer: LONGEST_ANSWER,
    });
    const failure = commandFailure(end, place);
    if (failure !== undefined) return { kind: 'error', message: failure };
    return readCounts(end.answer, question, `The command of ${place}`);
  });
};

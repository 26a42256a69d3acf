import { askProgram, commandFailure, type ProgramEnd } from '../../../action/command.ts';
import { UserError } from '../../../action/errors.ts';
import { parseJson } from '../../../action/json.ts';
import { parseYaml } from '../../../schema/parse.ts';
import type { OpeningStep } from '../kind.ts';
import {
  REFUSALS,
  SCHEMA_VERSION,
  answerSchemas,
  refusalSchema,
  type AnswerOf,
  type Operation,
  type QuestionOf,
  type Refusal,
} from './protocol.ts';
import type { CommandSettings, ProgramSettings } from './settings.ts';

/** More of an answer than this is not read. */
const LONGEST_ANSWER_BYTES = 1024 * 1024;

/** The program said no, in a way that the operation has. */
export class RefusedError extends Error {
  readonly refusal: Exclude<Refusal, { error: 'failed' }>;
  constructor(refusal: RefusedError['refusal']) {
    super(`the program answered ${refusal.error}`);
    this.name = 'RefusedError';
    this.refusal = refusal;
  }
}

/**
 * Asks the team's program one thing. Throws RefusedError, and UserError: `verification-failed` when a version could not be
 * brought up or given the traffic, `service-unavailable` when something else failed, `bad-config` for an answer that is not
 * one of this operation's, and what `askProgram` throws.
 */
export type Ask = <O extends Operation>(
  operation: O,
  question: QuestionOf<O>,
  signal?: AbortSignal,
) => Promise<AnswerOf<O>>;

export function asker({ root, program }: CommandSettings, step: OpeningStep): Ask {
  const { model, environment, env, log } = step;
  return async (operation, question, signal = new AbortController().signal) => {
    const request = {
      'schema-version': SCHEMA_VERSION,
      operation,
      model,
      environment,
      path: root,
      ...question,
    };
    const text = `${JSON.stringify(request)}\n`;
    const end = await askProgram({
      ...program,
      env,
      log,
      signal,
      left: 'keep',
      question: text,
      longestAnswer: LONGEST_ANSWER_BYTES,
    });
    return readAnswer(end, operation, program);
  };
}

/** What a program that ended has answered. Throws as `Ask` says. */
export function readAnswer<O extends Operation>(
  end: ProgramEnd,
  operation: O,
  program: Pick<ProgramSettings, 'place'>,
): AnswerOf<O> {
  const place = `${program.place} (${operation})`;
  const json = parseJson(end.answer);
  const refused = typeof json === 'object' && json !== null && 'error' in json;
  const failure = refused ? undefined : commandFailure(end, place);
  if (failure !== undefined) throw new UserError(reasonOf(operation), failure);
  if (json === undefined) throw unreadable(end.answer, place);
  const source = { name: `The answer of ${place}`, reason: 'bad-config' } as const;
  if (refused) throw refusalOf(parseYaml(end.answer, refusalSchema, source), operation, program);
  return parseYaml(end.answer, answerSchemas[operation], source) as AnswerOf<O>;
}

function reasonOf(operation: Operation): 'verification-failed' | 'service-unavailable' {
  return operation === 'stage' || operation === 'shift' ? 'verification-failed' : 'service-unavailable';
}

const LONGEST_EXCERPT = 120;

function unreadable(answer: string, place: string): UserError {
  const line = answer.replace(/\s+/g, ' ').trim();
  const shown = line.length > LONGEST_EXCERPT ? `${line.slice(0, LONGEST_EXCERPT)}…` : line;
  return new UserError(
    'bad-config',
    `The answer of ${place} is ${line === '' ? 'empty' : `no JSON: ${shown}`}. Write one JSON document to standard output, and everything else to standard error (docs/command-target.md).`,
  );
}

function refusalOf(refusal: Refusal, operation: Operation, { place }: Pick<ProgramSettings, 'place'>): Error {
  if (refusal.error === 'failed')
    return new UserError(reasonOf(operation), `${place} (${operation}) failed: ${refusal.message}`);
  if (REFUSALS[operation].includes(refusal.error)) return new RefusedError(refusal);
  return new UserError(
    'bad-config',
    `${place} answered '${refusal.error}' to ${operation}; allowed are ${['failed', ...REFUSALS[operation]].join(', ')} (docs/command-target.md).`,
  );
}

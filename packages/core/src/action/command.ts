import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { Answer } from './answer.ts';
import { openCommandFiles } from './command-files.ts';
import { UserError, errorCode } from './errors.ts';
import { endFamily, newMark } from './family.ts';
import type { StepLog } from './log.ts';
import { launchOf } from './program.ts';
import { Tail } from './tail.ts';

/** How long to wait for output after the command ended; a process that it left may hold the pipe for ever. */
export const DRAIN_MS = 1_000;
/** How much of the output's end is kept for messages. */
export const TAIL_BYTES = 8_192;
/** The longest delay a Node timer can hold. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface CommandRequest {
  /** Program and arguments; no shell sees them. */
  readonly argv: readonly string[];
  /** An existing folder. */
  readonly cwd: string;
  /** The step's environment; what only this step may use is taken out. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Pick<StepLog, 'raw' | 'warning'>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** How messages name the setting that holds the command, such as `train.run`. */
  readonly place: string;
  /** What becomes of processes that the command leaves behind: a server that it restarted is kept. */
  readonly left: 'end' | 'keep';
}

/** How a command ended by itself. `tail` is the end of its output, `seconds` its run time. */
export type CommandEnd = (
  { readonly ended: 'exit'; readonly code: number } | { readonly ended: 'signal'; readonly name: string }
) & { readonly tail: string; readonly seconds: number };

/** A program that is asked something on its standard input and answers on its standard output, which is not for the log. */
export interface ProgramRequest extends CommandRequest {
  readonly question: string;
  /** Bytes that are read of the answer. */
  readonly longestAnswer: number;
}

/** How a program ended by itself, and what it answered. */
export type ProgramEnd = CommandEnd & { readonly answer: string };

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/**
 * Runs a program without a shell and streams its output to the step log, where it cannot issue workflow commands. What it
 * started has ended before the log can issue commands again, and it gets command files of its own. Returns how it ended.
 * Throws `timeout`, the signal's reason when aborted (in both cases after its whole process group has ended),
 * `missing-file` when there is no such program and `no-permission` when it is not executable.
 */
export async function runCommand(request: CommandRequest): Promise<CommandEnd> {
  return withCommandFiles(request, (files) => runWith(request, files));
}

/**
 * `runCommand` for a program that answers a question: only its standard error goes to the step log. `tail` is the end of
 * that. Throws what `runCommand` throws, and `bad-config` for an answer that is longer than is read, after the program has ended.
 */
export async function askProgram(request: ProgramRequest): Promise<ProgramEnd> {
  const { question: text, longestAnswer } = request;
  const question = { text, answer: new Answer(longestAnswer) };
  const end = await withCommandFiles(request, (files) => runWith(request, files, question));
  return { ...end, answer: question.answer.text() };
}

interface Question {
  readonly text: string;
  readonly answer: Answer;
}

async function withCommandFiles<T>(
  request: CommandRequest,
  body: (files: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  request.signal.throwIfAborted();
  const files = await openCommandFiles(request.env);
  try {
    return await body(files.env);
  } finally {
    const changed = await files.close();
    if (changed.length > 0) {
      request.log.warning(
        `The command of ${request.place} changed what ${changed.join(', ')} of this step names, by which the step speaks to the runner. That was undone. A command has files of its own under these names; find out what it wants with the step's.`,
      );
    }
  }
}

async function runWith(
  request: CommandRequest,
  files: Readonly<Record<string, string>>,
  question?: Question,
): Promise<CommandEnd> {
  const started = performance.now();
  const [program = ''] = request.argv;
  const launch = await launchOf(request.argv, request);
  // It may have been aborted meanwhile, and that is told once.
  request.signal.throwIfAborted();
  const mark = request.left === 'end' ? newMark() : undefined;
  const child = spawn(launch.file, launch.args, {
    cwd: request.cwd,
    env: { ...commandEnvironment(request.env), ...files, ...(mark === undefined ? {} : { [mark]: '1' }) },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    windowsVerbatimArguments: launch.verbatim,
  });
  // A program need not read what it is asked.
  child.stdin.on('error', () => undefined).end(question?.text);
  question?.answer.readFrom(child.stdout);
  const relayed = question === undefined ? [child.stdout, child.stderr] : [child.stderr];
  const output = new InertOutput(request.log.raw, relayed);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const interruption = watch(request);
  const overflow = question === undefined ? [] : [overlong(question, request)];
  try {
    const end = await Promise.race([endOf(child), interruption.happened, ...overflow]);
    const seconds = (performance.now() - started) / 1000;
    const over = end.ended === 'stopped' || request.left === 'end';
    if (over && child.pid !== undefined) await endFamily({ leader: child.pid, mark });
    // Open pipes keep the process alive meanwhile; the timer must not, once they are closed.
    await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]);
    if (end.ended === 'stopped') throw end.reason;
    return { ...end, tail: output.tail(), seconds };
  } catch (error) {
    throw spawnFailure(error, program, request.place);
  } finally {
    interruption.forget();
    question?.answer.end();
    output.end();
  }
}

/** One sentence about a command that failed, with the last line it printed; undefined when it succeeded. */
export function commandFailure(end: CommandEnd, place: string): string | undefined {
  if (end.ended === 'exit' && end.code === 0) return undefined;
  const how = end.ended === 'exit' ? `ended with exit code ${end.code}` : `was killed by ${end.name}`;
  const last = lastLine(end.tail);
  return `The command of ${place} ${how} after ${end.seconds.toFixed(1)} s${last === undefined ? ' without output' : `; its last line: ${last}`}.`;
}

/** Variables that let whoever has them act as this step: its inputs, its service tokens, its command files. */
const ONLY_FOR_THIS_STEP = /^(?:INPUT_.*|ACTIONS_.*|GITHUB_(?:OUTPUT|STATE|ENV|PATH|STEP_SUMMARY))$/i;

/** The environment of a command: everything the workflow set, without what belongs to this step alone. */
export function commandEnvironment(env: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ONLY_FOR_THIS_STEP.test(name)));
}

type Ended =
  { readonly ended: 'exit'; readonly code: number } | { readonly ended: 'signal'; readonly name: string };

function endOf(child: Child): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, name) =>
      resolve(code === null ? { ended: 'signal', name: name ?? 'a signal' } : { ended: 'exit', code }),
    );
  });
}

type Stopped = { readonly ended: 'stopped'; readonly reason: unknown };

/** `happened` resolves when the command has to be stopped from outside; `forget` takes timer and listener away. */
function watch({ signal, timeoutMs, place }: CommandRequest): {
  happened: Promise<Stopped>;
  forget: () => void;
} {
  let forget = (): void => undefined;
  const happened = new Promise<Stopped>((resolve) => {
    const aborted = (): void => resolve({ ended: 'stopped', reason: signal.reason });
    const late = (): void => resolve({ ended: 'stopped', reason: tooLong(place, timeoutMs) });
    const timer = setTimeout(late, Math.min(timeoutMs, LONGEST_TIMER_MS));
    signal.addEventListener('abort', aborted, { once: true });
    forget = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    };
  });
  return { happened, forget };
}

function tooLong(place: string, timeoutMs: number): UserError {
  return new UserError(
    'timeout',
    `The command of ${place} ran longer than ${timeoutMs / 1000} s and was stopped. Find out why it hangs, or allow more time.`,
  );
}

async function overlong({ answer }: Question, { place }: CommandRequest): Promise<Stopped> {
  await answer.tooLong;
  const reason = new UserError(
    'bad-config',
    `The answer of ${place} is longer than is read, so the program was stopped. Write the answer alone to standard output, and everything else to standard error.`,
  );
  return { ended: 'stopped', reason };
}

function spawnFailure(error: unknown, program: string, place: string): unknown {
  switch (errorCode(error)) {
    case 'ENOENT':
      return new UserError(
        'missing-file',
        /[\\/]/.test(program)
          ? `The program '${program}' of ${place} does not exist. Check the path; it is relative to the working directory.`
          : `The program '${program}' of ${place} was not found on PATH. Install it in an earlier step (for Python: actions/setup-python), or check the spelling. Nothing is run through a shell, so builtins and aliases do not exist.`,
        { cause: error },
      );
    case 'EACCES':
      return new UserError(
        'no-permission',
        `The program '${program}' of ${place} is not executable. Run 'chmod +x ${program}' and commit that, or name its interpreter, such as 'python ${program}'.`,
        { cause: error },
      );
    default:
      return error;
  }
}

const NEWLINE = 0x0a;

/**
 * Relays streams to the step log between `::stop-commands::<token>` and `::<token>::`, so that the runner takes every
 * line for text. Both streams go to one writer: with two, a late line could arrive after the closing token.
 */
class InertOutput {
  readonly #token = randomBytes(24).toString('hex');
  readonly #sink: Writable;
  readonly #sources: readonly Readable[];
  readonly #tail = new Tail(TAIL_BYTES);
  #lastByte = NEWLINE;

  constructor(sink: Writable, sources: readonly Readable[]) {
    this.#sink = sink;
    this.#sources = sources;
    sink.write(`::stop-commands::${this.#token}\n`);
    for (const source of sources) source.on('data', this.#relay);
  }

  readonly #relay = (chunk: Buffer): void => {
    this.#lastByte = chunk.at(-1) ?? this.#lastByte;
    this.#tail.add(chunk);
    if (this.#sink.write(chunk)) return;
    for (const source of this.#sources) source.pause();
    this.#sink.once('drain', () => this.#sources.forEach((source) => source.resume()));
  };

  tail(): string {
    return this.#tail.toString();
  }

  /** Cuts the streams and lets the log speak again; the token must stand at the start of a line. */
  end(): void {
    for (const source of this.#sources) {
      source.off('data', this.#relay);
      source.destroy();
    }
    this.#sink.write(`${this.#lastByte === NEWLINE ? '' : '\n'}::${this.#token}::\n`);
  }
}

const LONGEST_LINE = 200;

function lastLine(tail: string): string | undefined {
  const line = stripVTControlCharacters(tail)
    .split(/[\r\n]+/)
    .map((text) => text.trim())
    .findLast((text) => text !== '');
  return line === undefined || line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE)}…`;
}

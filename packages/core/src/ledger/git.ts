import { spawn } from 'node:child_process';
import { devNull } from 'node:os';
import { UserError, errorCode } from '../action/errors.ts';
import { endTree } from '../action/family.ts';
import { helperEnvironment } from '../action/helper.ts';
import { launchOf } from '../action/program.ts';
import type { GitRepository } from './find-repository.ts';
import { requireGit } from './git-version.ts';
import type { Protocol } from './remote-address.ts';

/** How a git command ended. */
export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a git command ended that printed bytes. */
export interface GitBytes extends Omit<GitResult, 'stdout'> {
  readonly stdout: Buffer;
}

export interface GitOptions {
  readonly repository: GitRepository;
  /** A folder of the work tree. Default: its top, or the bare repository. */
  readonly cwd?: string | undefined;
  /** The one way to another repository that this command may take; absent: none. */
  readonly protocol?: Protocol | undefined;
  /** Configuration for this command only; it reaches git through the environment. */
  readonly config?: readonly (readonly [string, string])[] | undefined;
  readonly input?: string | undefined;
  /** Takes what the command prints as it comes; the result holds nothing of it then. */
  readonly output?: ((chunk: Buffer) => void) | undefined;
  /** Folder that new objects go to instead of the repository's own. */
  readonly objects?: string | undefined;
  readonly timeoutMs?: number | undefined;
  /** Kills the command when the job is cancelled. */
  readonly signal?: AbortSignal | undefined;
  /** How long the command may go on then, in ms; for what should not stop half-way. */
  readonly graceMs?: number | undefined;
}

const TIMEOUT_MS = 120_000;

/**
 * Runs git without a shell and without prompts, and returns its exit code and output. Throws UserError: `timeout`
 * after `timeoutMs`, `missing-file` when git is not installed; throws the signal's reason when cancelled.
 */
export async function runGit(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const result = await runGitBytes(args, options);
  return { ...result, stdout: result.stdout.toString('utf8') };
}

/** Whether git is new enough, asked once in a step. */
let checked: Promise<void> | undefined;

/** `runGit` for output that is no text. */
export async function runGitBytes(args: readonly string[], options: GitOptions): Promise<GitBytes> {
  checked ??= checkVersion(options);
  await checked;
  return startGit(args, options);
}

async function checkVersion({ repository, cwd }: GitOptions): Promise<void> {
  try {
    const { stdout } = await startGit(['version'], { repository, cwd });
    requireGit(stdout.toString('utf8'));
  } catch (error) {
    checked = undefined;
    throw error;
  }
}

async function startGit(args: readonly string[], options: GitOptions): Promise<GitBytes> {
  const cwd = options.cwd ?? options.repository.workTree ?? options.repository.gitDir;
  const env = gitEnvironment(options);
  const launch = await launchOf(['git', ...args], { env, cwd, place: 'The step' });
  options.signal?.throwIfAborted();
  const child = spawn(launch.file, launch.args, {
    cwd,
    env,
    stdio: 'pipe',
    windowsVerbatimArguments: launch.verbatim,
    // A process group of its own: a signal sent to the step's group does not cut a push in two.
    detached: true,
  });
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  let timedOut = false;
  const stop = (): void => killGroup(child.pid);
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, timeoutMs);
  let grace: NodeJS.Timeout | undefined;
  let cancelled = false;
  const cancel = (): void => {
    grace = setTimeout(() => {
      cancelled = true;
      stop();
    }, options.graceMs ?? 0);
  };
  options.signal?.addEventListener('abort', cancel, { once: true });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', options.output ?? ((chunk: Buffer) => stdout.push(chunk)));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // Git may end before it has read everything; its exit code says what matters.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  return new Promise<GitBytes>((resolve, reject) => {
    child.once('error', (error) => reject(errorCode(error) === 'ENOENT' ? gitMissing(error) : error));
    child.once('close', (code) => {
      if (cancelled) return reject(options.signal?.reason as Error);
      if (timedOut) return reject(timeoutError(args, timeoutMs));
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString('utf8'),
      });
    });
  }).finally(() => {
    clearTimeout(timer);
    clearTimeout(grace);
    options.signal?.removeEventListener('abort', cancel);
  });
}

function gitMissing(cause: Error): UserError {
  return new UserError('missing-file', 'git was not found. Install git on this runner and put it on PATH.', {
    cause,
  });
}

/** git starts helpers (ssh, git-remote-https) that would outlive it. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') return void endTree(pid);
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

function timeoutError(args: readonly string[], timeoutMs: number): UserError {
  return new UserError(
    'timeout',
    `git ${args.find((a) => /^[a-z]/.test(a)) ?? ''} did not finish in ${timeoutMs / 1000} s. Check that the git remote is reachable from this runner, and run the job again.`,
  );
}

/** What git needs of the environment beyond what the machine's programs need: how it gets in, and the machine's own configuration. */
const GIT =
  /^(?:GIT_(?:SSH|ASKPASS|SSL|PROXY|HTTP)\w*|GIT_CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM)|GIT_EXEC_PATH|SSH_AUTH_SOCK|SSH_AGENT_PID|SSH_ASKPASS\w*|DISPLAY)$/;

/**
 * Above the checkout's own configuration: whoever can write that could otherwise have git run any program. What the machine's
 * configuration names of these is not needed for anything that is done here.
 */
const HARMLESS: NonNullable<GitOptions['config']> = [
  // Another user may own the checkout in a container job; the runner vouches for it.
  ['safe.directory', '*'],
  ['safe.bareRepository', 'explicit'],
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.pager', 'cat'],
  ['log.showSignature', 'false'],
  ['submodule.recurse', 'false'],
];

/** Nothing of it points git elsewhere, traces secrets, translates its messages or lets it in where it is not sent. */
function gitEnvironment({ config = [], objects, repository, protocol }: GitOptions): NodeJS.ProcessEnv {
  const settings = [...HARMLESS, ...config];
  return {
    ...helperEnvironment(process.env, GIT),
    LC_ALL: 'C',
    GIT_DIR: repository.gitDir,
    ...(repository.workTree === undefined ? {} : { GIT_WORK_TREE: repository.workTree }),
    // Above protocol.<name>.allow of any configuration; also for objects that a partial clone lacks.
    GIT_ALLOW_PROTOCOL: protocol ?? 'none',
    GIT_NO_LAZY_FETCH: '1',
    // Refs and a file of the checkout that put other objects and parents in the place of those that an id names.
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: devNull,
    GIT_TERMINAL_PROMPT: '0',
    GCM_INTERACTIVE: 'never',
    ...(objects === undefined ? {} : { GIT_OBJECT_DIRECTORY: objects }),
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}

import { spawn } from 'node:child_process';
import { UserError, errorCode } from '../action/errors.ts';

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
  readonly cwd: string;
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

/** `runGit` for output that is no text. */
export function runGitBytes(args: readonly string[], options: GitOptions): Promise<GitBytes> {
  options.signal?.throwIfAborted();
  const child = spawn('git', args, {
    cwd: options.cwd,
    env: gitEnvironment(options),
    stdio: 'pipe',
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

/** The step's environment without what would point git elsewhere, trace secrets or translate its messages. */
function gitEnvironment({ config = [], objects }: GitOptions): NodeJS.ProcessEnv {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^GIT_(?!SSH|ASKPASS|SSL|PROXY|HTTP|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)$|EXEC_PATH)/.test(name),
    ),
  );
  return {
    ...env,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GCM_INTERACTIVE: 'never',
    ...(objects === undefined ? {} : { GIT_OBJECT_DIRECTORY: objects }),
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  };
}

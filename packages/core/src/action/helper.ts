import { spawn } from 'node:child_process';

/**
 * What a program needs of the machine to run at all: where programs, home and temporary files are, how text is written,
 * which certificates and proxies hold. None of it lets anybody act as this step or as this team.
 */
const MACHINE =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|TERM|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_\w+|LD_LIBRARY_PATH|DYLD_LIBRARY_PATH|DYLD_FALLBACK_LIBRARY_PATH|https?_proxy|no_proxy|all_proxy|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|USERPROFILE|HOMEDRIVE|HOMEPATH|USERNAME|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES(?:\(X86\))?|PROGRAMW6432|NUMBER_OF_PROCESSORS|PROCESSOR_ARCHITECTURE)$/i;

/**
 * The environment of a program that helps the step, such as git or npm: the machine's variables and, of the others, those
 * whose whole name `also` matches. Everything else stays here: inputs, service tokens, keys of clouds and of servers.
 */
export function helperEnvironment(env: Readonly<NodeJS.ProcessEnv>, also?: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => MACHINE.test(name) || also?.test(name) === true),
  );
}

export interface HelperRequest {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Variables that this helper needs beyond the machine's. */
  readonly also?: RegExp;
  /** Settings of this run. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Where it runs: a folder that nobody but this step has written into, or one whose files may choose what runs. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Name of a batch file to run through the shell on Windows, where Node starts none otherwise. */
  readonly windowsCommand?: string;
}

/** How a helper ended; `output` is all it printed. */
export interface HelperEnd {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Runs a program that helps the step with `helperEnvironment`, and not in the checkout: a file there, such as `.npmrc`,
 * would configure it. Rejects with Node's error when the program cannot be started, and when aborted.
 */
export function runHelper(
  program: string,
  args: readonly string[],
  { env, also, extra, folder, signal, windowsCommand }: HelperRequest,
): Promise<HelperEnd> {
  const shell = process.platform === 'win32' && windowsCommand !== undefined;
  return new Promise((resolve, reject) => {
    const child = spawn(shell ? windowsCommand : program, args, {
      cwd: folder,
      env: { ...helperEnvironment(env, also), ...extra },
      signal,
      killSignal: 'SIGKILL',
      shell,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
    child.once('close', (code) => resolve({ code, output }));
    child.once('error', reject);
  });
}

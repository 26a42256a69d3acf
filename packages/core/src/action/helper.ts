import { spawn } from 'node:child_process';
import { launchOf } from './program.ts';
import { Tail } from './tail.ts';

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
}

/** How much of what a helper prints is kept: its end. */
export const HELPER_OUTPUT_BYTES = 256 * 1024;

/** How a helper ended; `output` is the end of what it printed. */
export interface HelperEnd {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Runs a program that helps the step with `helperEnvironment`, and not in the checkout: a file there, such as `.npmrc`,
 * would configure it. Rejects with Node's error when the program cannot be started, and when aborted.
 */
export async function runHelper(
  program: string,
  args: readonly string[],
  { env, also, extra, folder, signal }: HelperRequest,
): Promise<HelperEnd> {
  const launch = await launchOf([program, ...args], { env, cwd: folder, place: 'The step' });
  return new Promise((resolve, reject) => {
    const child = spawn(launch.file, launch.args, {
      cwd: folder,
      env: { ...helperEnvironment(env, also), ...extra },
      signal,
      killSignal: 'SIGKILL',
      windowsVerbatimArguments: launch.verbatim,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = new Tail(HELPER_OUTPUT_BYTES);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => output.add(chunk));
    child.once('close', (code) => resolve({ code, output: output.toString() }));
    child.once('error', reject);
  });
}

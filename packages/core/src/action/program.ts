import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { UserError } from './errors.ts';

/** How a program is started: what Node is given, and whether Windows gets the arguments as they are written here. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  readonly verbatim: boolean;
}

/** Where a program is started. */
export interface LaunchPlace {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly cwd: string;
  /** How messages name the setting that holds the command, such as `train.run`. */
  readonly place: string;
}

/** What of the machine decides. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly isFile: (file: string) => Promise<boolean>;
}

const THIS_MACHINE: Machine = {
  platform: process.platform,
  isFile: async (file) => (await stat(file).catch(() => undefined))?.isFile() ?? false,
};

/** What Windows can start, in the order in which it looks where PATHEXT says nothing. */
const STARTABLE = ['.com', '.exe', '.bat', '.cmd'];
/** Within double quotes the command interpreter takes everything else as it is written. */
const NOT_FOR_BATCH = /["%\r\n\0]/;

/**
 * Finds out how a program without a shell is started. On Windows, where Node would look into the working directory before
 * PATH and starts no batch files, the program is looked for on PATH alone, with the endings of PATHEXT; a batch file, such as
 * the shims of pyenv and conda, goes through the command interpreter. Throws `bad-input` for an argument that cannot be given
 * to a batch file such that it arrives unchanged.
 */
export async function launchOf(
  argv: readonly string[],
  { env, cwd, place }: LaunchPlace,
  { platform, isFile }: Machine = THIS_MACHINE,
): Promise<Launch> {
  const [program = '', ...args] = argv;
  const plain = { file: program, args, verbatim: false };
  if (platform !== 'win32') return plain;
  for (const candidate of candidates(program, env, cwd)) {
    if (!(await isFile(candidate))) continue;
    if (!/\.(?:bat|cmd)$/i.test(candidate)) return { ...plain, file: candidate };
    return batchLaunch(candidate, args, env, place);
  }
  return plain;
}

function candidates(program: string, env: Readonly<NodeJS.ProcessEnv>, cwd: string): string[] {
  const isPath = /[\\/:]/.test(program);
  const folders = isPath ? [cwd] : (valueOf(env, 'PATH') ?? '').split(';').filter((folder) => folder !== '');
  const wanted = (valueOf(env, 'PATHEXT') ?? '').toLowerCase().split(';');
  const known = wanted.filter((ending) => STARTABLE.includes(ending));
  const endings = known.length === 0 ? STARTABLE : known;
  const hasEnding = endings.includes(path.win32.extname(program).toLowerCase());
  return folders.flatMap((folder) => {
    const base = path.win32.resolve(folder.replaceAll('"', ''), program);
    return [...(hasEnding ? [base] : []), ...endings.map((ending) => base + ending)];
  });
}

function batchLaunch(
  file: string,
  args: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
  place: string,
): Launch {
  const bad = [file, ...args].find((text) => NOT_FOR_BATCH.test(text));
  if (bad !== undefined) {
    throw new UserError(
      'bad-input',
      `${place} starts '${file}', a batch file, and one cannot be given ${JSON.stringify(bad)}: the command interpreter of Windows changes quotes, percent signs and line ends. Name the program that it starts, such as python.exe, or put the arguments into a script.`,
    );
  }
  // A backslash before a quote would take the quote's meaning in the program that the batch file starts.
  const line = [file, ...args].map((text) => `"${text.replace(/\\+$/, (end) => end + end)}"`).join(' ');
  return {
    file: valueOf(env, 'COMSPEC') ?? 'cmd.exe',
    args: ['/d', '/s', '/c', `"${line}"`],
    verbatim: true,
  };
}

/** Names of variables have no case on Windows. */
function valueOf(env: Readonly<NodeJS.ProcessEnv>, name: string): string | undefined {
  const found = Object.keys(env).find((one) => one.toUpperCase() === name);
  return found === undefined ? undefined : env[found];
}

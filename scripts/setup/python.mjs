import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { SetupError, runQuietly } from './process.mjs';
import { fingerprint, isMarked, mark } from './stamp.mjs';

const OLDEST = [3, 10];
const CANDIDATES = [
  'python3',
  'python3.14',
  'python3.13',
  'python3.12',
  'python3.11',
  'python3.10',
  'python',
];

/** Makes an environment in the project and installs those requirement files that it was not yet made from. */
export async function installPython(root, requirements, tell, name = '.venv') {
  const venv = path.join(root, name);
  const python = path.join(venv, 'bin', 'python');
  if (!existsSync(path.join(venv, '.made'))) await makeVenv(venv, tell);
  const pending = requirements
    .map((name) => ({ name, file: path.join(root, name) }))
    .map(({ name, file }) => ({ file, wanted: fingerprint([file]), stamp: stampOf(venv, name) }))
    .filter(({ stamp, wanted }) => !isMarked(stamp, wanted));
  if (pending.length === 0) return;
  tell(`Python packages: ${pending.map(({ file }) => path.relative(root, file)).join(', ')}`);
  await runQuietly(
    'Installing the Python packages',
    python,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--no-cache-dir'].concat(
      pending.flatMap(({ file }) => ['-r', file]),
    ),
  );
  for (const { stamp, wanted } of pending) mark(stamp, wanted);
}

function stampOf(venv, requirementsFile) {
  return path.join(venv, `.installed-${requirementsFile.replaceAll('/', '-')}`);
}

async function makeVenv(venv, tell) {
  const { program, version } = await findPython();
  tell(`Python ${version}: making ${path.basename(venv)}`);
  try {
    await runQuietly('Making the virtual environment', program, ['-m', 'venv', venv]);
  } catch (error) {
    throw new SetupError(
      `${error.message}\nOn Debian and Ubuntu the module that makes it is a package of its own: apt-get install python3-venv`,
    );
  }
  mark(path.join(venv, '.made'), version);
}

async function findPython() {
  const tooOld = [];
  for (const program of CANDIDATES) {
    const version = await pythonVersion(program);
    if (version === undefined) continue;
    const [major, minor] = version.split('.').map(Number);
    if (major === OLDEST[0] && minor >= OLDEST[1]) return { program, version };
    tooOld.push(`${program} is ${version}`);
  }
  const found = tooOld.length === 0 ? 'none is on PATH' : tooOld.join(', ');
  throw new SetupError(
    `Python ${OLDEST.join('.')} or newer is needed, but ${found}. Install it and run this again.`,
  );
}

async function pythonVersion(program) {
  try {
    const script = 'import platform; print(platform.python_version())';
    return (await runQuietly(`Asking ${program} for its version`, program, ['-c', script])).trim();
  } catch (error) {
    if (error instanceof SetupError) return undefined;
    throw error;
  }
}

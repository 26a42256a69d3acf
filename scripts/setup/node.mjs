import * as path from 'node:path';
import { SetupError, runQuietly } from './process.mjs';
import { fingerprint, isMarked, mark } from './stamp.mjs';

const OLDEST = [20, 19];

/** Throws when this Node cannot run the project. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new SetupError(
    `Node ${OLDEST.join('.')} or newer is needed; this is ${version}. See https://nodejs.org`,
  );
}

/** Runs `npm ci` when node_modules was not made from this lock file. */
export async function installNode(root, tell) {
  const wanted = fingerprint([path.join(root, 'package-lock.json')]);
  const stamp = path.join(root, 'node_modules', '.sluice-installed');
  if (isMarked(stamp, wanted)) return;
  tell('npm packages: npm ci');
  await runQuietly(
    'Installing the npm packages (npm ci)',
    'npm',
    ['ci', '--no-progress', '--loglevel=error'],
    {
      cwd: root,
      env: { ...process.env, npm_config_cache: path.join(root, '.cache', 'npm') },
    },
  );
  mark(stamp, wanted);
}

// `npm run jest -- PATH…`: runs jest as it is, with what it needs in the environment.
import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from './setup.mjs';

/** Runs jest; this process ends with its exit code. */
export function runJest(args) {
  const jest = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
  const child = spawn(process.execPath, [jest, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    // jest runs ES modules only with this flag, and its worker processes need it too.
    env: {
      ...process.env,
      NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
      // The actions run on Node 24; that AWS's client will want Node 22 matters to nobody who runs the tests on 20.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
  child.once('close', (code) => (process.exitCode = code ?? 1));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) runJest(process.argv.slice(2));

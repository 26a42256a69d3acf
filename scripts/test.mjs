// `npm test`: sets everything up and runs all tests. Arguments go to jest: `npm test -- test/chain`.
import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { ROOT, setUpOrExit } from './setup.mjs';

await setUpOrExit({ tests: true });

const jest = path.join(ROOT, 'node_modules', 'jest', 'bin', 'jest.js');
const child = spawn(process.execPath, [jest, '--maxWorkers=2', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
  // jest runs ES modules only with this flag, and its worker processes need it too.
  env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
});
child.once('close', (code) => (process.exitCode = code ?? 1));

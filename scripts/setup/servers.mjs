// Installs the real servers and clients of the end-to-end tests into environments of their own.
// usage: node scripts/setup/servers.mjs, after scripts/setup.mjs
import { fileURLToPath } from 'node:url';
import { ROOT } from '../setup.mjs';
import { VERSITYGW, installGoProgram } from './go.mjs';
import { installHaproxy } from './haproxy.mjs';
import { installNginx } from './nginx.mjs';
import { SetupError } from './process.mjs';
import { installPython } from './python.mjs';

/** Quick when all is there. */
export async function installServers(tell) {
  await installPython(ROOT, ['test/e2e/requirements.txt'], tell, '.cache/e2e');
  // DVC pins what MLflow's environment has in other versions.
  await installPython(ROOT, ['test/e2e/dvc/requirements.txt'], tell, '.cache/e2e-dvc');
  await installGoProgram(ROOT, tell, '.cache/e2e', VERSITYGW);
  await installHaproxy(ROOT, tell, '.cache/e2e');
  await installNginx(ROOT, tell, '.cache/e2e');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await installServers((line) => console.log(`  ${line} …`));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    process.exit(1);
  }
}

// `npm run test:e2e`: sets everything up, installs the real servers into an environment of their own, and runs the tests
// against them. Arguments go to jest.
import { runJest } from './jest.mjs';
import { ROOT, setUpOrExit } from './setup.mjs';
import { installPython } from './setup/python.mjs';
import { installVersitygw } from './setup/versitygw.mjs';

await setUpOrExit({ tests: true });
const tell = (line) => console.log(`  ${line} …`);
await installPython(ROOT, ['test/e2e/requirements.txt'], tell, '.cache/e2e');
// DVC pins what MLflow's environment has in other versions.
await installPython(ROOT, ['test/e2e/dvc/requirements.txt'], tell, '.cache/e2e-dvc');
await installVersitygw(ROOT, tell, '.cache/e2e');
// One after the other: the servers and their Python clients keep two cores busy.
runJest(['--config=jest.e2e.config.js', '--runInBand', ...process.argv.slice(2)]);

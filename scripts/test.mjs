// `npm test`: sets everything up and runs all tests but those against real servers. Arguments go to jest:
// `npm test -- test/chain`.
import { runJest } from './jest.mjs';
import { setUpOrExit } from './setup.mjs';

await setUpOrExit({ tests: true });
runJest(['--ignoreProjects=e2e', '--maxWorkers=2', ...process.argv.slice(2)]);

// `npm run test:e2e`: sets everything up, installs the real servers into environments of their own, and runs the tests
// against them. Arguments go to jest.
import { runJest } from './jest.mjs';
import { setUpOrExit } from './setup.mjs';
import { installServers } from './setup/servers.mjs';

await setUpOrExit({ tests: true });
await installServers((line) => console.log(`  ${line} …`));
// Two at once: much of it is waiting for servers, and each file has servers of its own. Python starts slowly.
runJest(['--selectProjects=e2e', '--maxWorkers=2', '--testTimeout=240000', ...process.argv.slice(2)]);

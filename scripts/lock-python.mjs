// Renews the requirements.txt beside every requirements.in: each package it needs, exact, with the digests of its files.
// usage: npm run lock:python [-- --upgrade]   Without --upgrade what is locked stays, unless an .in file asks for another.
import * as path from 'node:path';
import { installPython } from './setup/python.mjs';
import { runQuietly } from './setup/process.mjs';
import { REQUIREMENTS, ROOT } from './setup.mjs';

const COMPILER = 'scripts/lock-python.txt';
const ENVIRONMENT = '.cache/lock-python';
const TOGETHER = path.join(ENVIRONMENT, 'together.txt');
/** Those with an environment of their own, where other versions may be needed. */
const ALONE = [
  COMPILER,
  'test/e2e/requirements.txt',
  'test/e2e/dvc/requirements.txt',
  'test/e2e/go.txt',
  'test/e2e/haproxy.txt',
  'bench/store/requirements.txt',
];

/** One lock for every platform, and for every Python from the oldest that the set-up takes. */
const OPTIONS = ['--universal', '--python-version', '3.10', '--generate-hashes'];
/** Dependabot reads the options from the head of the file. */
const HEAD = `npm run lock:python, which runs: uv pip compile ${OPTIONS.join(' ')}`;

await installPython(ROOT, [COMPILER], (line) => console.log(line), ENVIRONMENT);
await compile(REQUIREMENTS.map(source), TOGETHER);
for (const file of REQUIREMENTS) await compile([source(file)], file, ['--constraints', TOGETHER]);
for (const file of ALONE) await compile([source(file)], file);

function source(file) {
  return file.replace(/\.txt$/, '.in');
}

async function compile(sources, output, more = []) {
  console.log(output);
  await runQuietly(
    `Locking ${output}`,
    path.join(ROOT, ENVIRONMENT, 'bin/uv'),
    ['pip', 'compile', '--quiet', '--no-annotate', '--no-emit-index-url', '--output-file', output].concat(
      OPTIONS,
      more,
      process.argv.slice(2),
      sources,
    ),
    { cwd: ROOT, env: { ...process.env, UV_CUSTOM_COMPILE_COMMAND: HEAD } },
  );
}

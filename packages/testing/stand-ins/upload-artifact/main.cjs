const { cpSync, existsSync, mkdirSync, rmSync } = require('node:fs');
const path = require('node:path');

const artifact = path.join(process.env.STAND_IN_ARTIFACTS, process.env.GITHUB_RUN_ID, process.env.INPUT_NAME);
const wanted = process.env.INPUT_PATH.split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '');
const present = wanted.filter((item) => existsSync(item));
if (present.length === 0 && process.env['INPUT_IF-NO-FILES-FOUND'] === 'error') {
  throw new Error(`No files were found: ${wanted.join(', ')}`);
}
rmSync(artifact, { recursive: true, force: true });
mkdirSync(artifact, { recursive: true });
// Like the real one: a single folder's contents become the artifact's root, several paths keep their names.
for (const item of present) {
  const destination = wanted.length === 1 ? artifact : path.join(artifact, path.relative('.', item));
  const isFile = require('node:fs').statSync(item).isFile();
  cpSync(item, wanted.length === 1 && isFile ? path.join(artifact, path.basename(item)) : destination, {
    recursive: true,
  });
}
console.log(`Stand-in for actions/upload-artifact: ${present.join(', ')}`);

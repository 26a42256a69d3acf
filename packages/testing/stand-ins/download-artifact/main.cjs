const { cpSync } = require('node:fs');
const path = require('node:path');

const run = process.env['INPUT_RUN-ID'] || process.env.GITHUB_RUN_ID;
const artifact = path.join(process.env.STAND_IN_ARTIFACTS, run, process.env.INPUT_NAME);
cpSync(artifact, process.env.INPUT_PATH, { recursive: true });
console.log(`Stand-in for actions/download-artifact: ${process.env.INPUT_NAME} to ${process.env.INPUT_PATH}`);

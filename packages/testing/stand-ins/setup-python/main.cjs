const { appendFileSync } = require('node:fs');
const path = require('node:path');

const environment = process.env.STAND_IN_PYTHON;
if (!environment) throw new Error('STAND_IN_PYTHON does not name a Python environment.');
appendFileSync(process.env.GITHUB_PATH, `${path.join(environment, 'bin')}\n`);
appendFileSync(process.env.GITHUB_ENV, `VIRTUAL_ENV=${environment}\n`);
console.log(`Stand-in for actions/setup-python: ${environment}`);

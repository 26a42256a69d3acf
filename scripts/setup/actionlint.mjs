// Builds the linter of workflows into .cache/tools. usage: node scripts/setup/actionlint.mjs
import { ROOT } from '../setup.mjs';
import { ACTIONLINT, installGoProgram } from './go.mjs';

await installGoProgram(ROOT, (line) => console.log(`  ${line} …`), '.cache/tools', ACTIONLINT);

// usage: node scripts/ci-summary.mjs <number of failed stages> [jest result files…]
// Prints the last line of CI. A stage that failed without a failing test (lint, types …) counts as one failure.
import { existsSync, readFileSync } from 'node:fs';

const [failedStages, ...files] = process.argv.slice(2);
let [passed, failed, redRuns] = [0, 0, 0];
for (const file of files.filter((name) => existsSync(name))) {
  const result = JSON.parse(readFileSync(file, 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  if (!result.success) redRuns += 1;
}
failed += Math.max(0, Number(failedStages) - redRuns);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

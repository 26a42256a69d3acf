// Reads the ledger of a checkout as the actions do, and prints seconds as JSON.
// Usage: tsx measure.ts <checkout> <model> <reads>
import { performance } from 'node:perf_hooks';
import { openLedger } from '@sluice/core/ledger/repository.ts';
import { silentLog } from '@sluice/testing/log.ts';

const [directory = '', model = '', reads = '1'] = process.argv.slice(2);
const ledger = await openLedger({ directory, log: silentLog });
const seconds: number[] = [];
let versions = 0;
for (let i = 0; i < Number(reads); i++) {
  const started = performance.now();
  versions = (await ledger.read(model)).versions.length;
  seconds.push((performance.now() - started) / 1000);
}
process.stdout.write(JSON.stringify({ seconds, versions }));

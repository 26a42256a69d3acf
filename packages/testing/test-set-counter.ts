// Counts one evaluation of model m in a process of its own: a checkout, a test set and a candidate as arguments.
import { findRemote } from '@sluice/core/ledger/remote.ts';
import { testSetUses } from '@sluice/core/ledger/test-set-uses.ts';

const [directory = '', digest = '', candidate = ''] = process.argv.slice(2);
const uses = testSetUses(await findRemote({ directory }), 'm', digest);
await uses.add({ candidate, at: new Date().toISOString() });

// One writer of the ledger as a process of its own: a checkout and a wish as arguments, the plan as JSON on standard output.
import { planAssignment } from '@sluice/core/ledger/assignment.ts';
import type { Plan } from '@sluice/core/ledger/plan.ts';
import { planRegistration } from '@sluice/core/ledger/registration.ts';
import { openLedger } from '@sluice/core/ledger/repository.ts';
import { planRollback } from '@sluice/core/ledger/rollback.ts';
import type { ModelState } from '@sluice/core/ledger/state.ts';
import { silentLog } from './log.ts';

export type WriterWish =
  | { readonly do: 'register'; readonly digest: string }
  | {
      readonly do: 'assign';
      readonly environment: string;
      readonly version: string;
      readonly expectedCurrent?: string;
    }
  | { readonly do: 'rollback'; readonly environment: string; readonly expectedCurrent: string };

const [directory = '', text = ''] = process.argv.slice(2);
const wish = JSON.parse(text) as WriterWish;
const ledger = await openLedger({ directory, log: silentLog });
const commit = await ledger.head();
const { plan } = await ledger.write('m', (state) => planOf(state, new Date()));
process.stdout.write(JSON.stringify(plan));

function planOf(state: ModelState, now: Date): Plan {
  switch (wish.do) {
    case 'register': {
      const { digest: modelDigest } = wish;
      const rest = { passportDigest: '0'.repeat(64), store: 'dir:/s', sluiceVersion: '0' };
      return planRegistration(state, { commit, modelDigest, ...rest, version: { bump: 'major' } }, now);
    }
    case 'assign':
      return planAssignment(state, { ...wish, releaseQuarantine: false, releaseHold: false }, now);
    case 'rollback':
      return planRollback(
        state,
        { ...wish, releaseQuarantine: false, hold: false, bytesPresent: () => true },
        now,
      );
  }
}

import { planAssignment } from '@sluice/core/ledger/assignment.ts';
import { planRegistration, type RegisterWish } from '@sluice/core/ledger/registration.ts';
import type { Ledger, WriteResult } from '@sluice/core/ledger/repository.ts';

/** A digest that is told apart by a number. */
export const hex = (n: number): string => n.toString(16).padStart(64, '0');

/** Registers the next version of `m` at the commit that is checked out; the number is that of its bytes. */
export async function register(
  ledger: Ledger,
  digest: number,
  more: Partial<RegisterWish> = {},
): Promise<WriteResult> {
  const wish: RegisterWish = {
    commit: await ledger.head(),
    modelDigest: hex(digest),
    passportDigest: hex(0),
    store: 'dir:/srv/models',
    metrics: { auc: 0.75 },
    actor: 'ada',
    sluiceVersion: '0.1.0',
    version: { bump: 'major' },
    ...more,
  };
  return ledger.write('m', (state) => planRegistration(state, wish, new Date()));
}

/** Puts a version of `m` into production. */
export const assign = (ledger: Ledger, version: string, expectedCurrent?: string): Promise<WriteResult> =>
  ledger.write('m', (state) =>
    planAssignment(
      state,
      { version, environment: 'production', expectedCurrent, releaseQuarantine: false, releaseHold: false },
      new Date(),
    ),
  );

import type { Outcome } from '@sluice/core/action/outcome.ts';
import type { CommonReason, ReasonTable } from '@sluice/core/action/reasons.ts';

export const INPUTS = [
  'environment',
  'reason',
  'to',
  'force',
  'hold',
  'break-lock',
  'expected-current',
  'target',
  'verify',
] as const;

export const OUTPUTS = ['version', 'previous-version', 'seconds-to-traffic', 'seconds-to-verified'] as const;

export const REASONS = {
  'already-live': {
    happened: 'The version named by `to` is live in this environment, and the server answers with it.',
    remedy: 'Nothing to do.',
  },
  'nothing-to-roll-back-to': {
    happened:
      'No other version was live here that is registered, not quarantined, and whose bytes are there.',
    remedy: 'Name one with `to` (a quarantined one needs `force: true`), or deploy a new version.',
  },
  'unknown-version': {
    happened: 'The ledger has no version `to` of this model, or it was never live here.',
    remedy: 'Use one of the versions in the message, or deploy it.',
  },
  quarantined: {
    happened: 'The version named by `to` was rolled back here before.',
    remedy: 'Choose another one, or set `force: true` if it is good after all.',
  },
  superseded: {
    happened: 'Another version is live than `expected-current` says, or somebody deployed meanwhile.',
    remedy: 'Look at what is live now and decide again.',
  },
  'verification-failed': {
    happened: 'The version to go back to failed a check; what was served before is served again.',
    remedy: 'Read what was verified, and choose another version with `to`, or deploy a fixed one.',
  },
  'restore-failed': {
    happened: 'The version to go back to failed, and so did the way back. What is served is unverified.',
    remedy: 'Look at the server now. Then roll back to a version that works, named by `to`.',
  },
  'evidence-mismatch': {
    happened:
      'The stored bytes of the version named by `to` were changed, or its tag names a store that sluice.yaml does not.',
    remedy:
      'Restore the store, or choose another version. A store of the team goes into `registry.former-stores`.',
  },
  'registry-behind': {
    happened: 'The version is live and the ledger says so, but MLflow does not show it.',
    remedy: 'The message says why; run the step again when that is settled, it moves the alias alone.',
  },
  locked: {
    happened: 'Another rollout of this environment is running.',
    remedy:
      'Wait for it, or cancel it; the message says whose it is and since when. When nobody runs it, set `break-lock: true`.',
  },
} as const satisfies ReasonTable;

/** What this action may end with. */
export type Reason = CommonReason | keyof typeof REASONS;
export type RollbackOutcome = Outcome<Reason, (typeof OUTPUTS)[number]>;

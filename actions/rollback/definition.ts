import type { Outcome } from '@sluice/core/action/outcome.ts';
import type { CommonReason, ReasonTable } from '@sluice/core/action/reasons.ts';

export const INPUTS = [
  'environment',
  'reason',
  'from',
  'to',
  'force',
  'hold',
  'break-lock',
  'expected-current',
  'issue',
  'target',
  'verify',
] as const;

export const OUTPUTS = ['version', 'previous-version', 'seconds-to-traffic', 'seconds-to-verified'] as const;

export const REASONS = {
  'already-live': {
    happened: 'The version named by `to` is live in this environment, and the server answers with it.',
    remedy: 'Nothing to do.',
  },
  'already-done': {
    happened:
      'What this rollback was to leave was left already: by this very run, by one that was created after it, by a deployment that came in its place since its run was created, or `from` is not live any more.',
    remedy: 'Nothing to do. To go back further, start a new run, or name the version to leave with `from`.',
  },
  'not-verified': {
    happened:
      'The version is live, but no prediction was asked of it, or the server does not say which version it runs.',
    remedy:
      'Let register-model record golden requests (`registry.golden`), or write some with their answers and name them in `verify.golden`; let the server answer its version.',
  },
  drifted: {
    happened:
      'Something else was served than the ledger says, put there by other means: what the ledger says is served again, and nothing is quarantined. Or somebody else moves the traffic at the same time: it was left to them.',
    remedy: 'If it is what the ledger says that is to be left, name it with `from`.',
  },
  'pre-empted': {
    happened: 'Another rollback took the environment from this one by force; this one touched nothing more.',
    remedy: 'Read why in the other run.',
  },
  'nothing-to-roll-back-to': {
    happened:
      'No version was in service here before that is registered, not quarantined, and whose bytes are there.',
    remedy:
      'Name one with `to` (a quarantined one needs `force: true`), take the live one out with `to: none`, or deploy a new version.',
  },
  'unknown-version': {
    happened: 'The ledger has no version `to` or `from` of this model, or it was never live here.',
    remedy: 'Use one of the versions in the message, or deploy it.',
  },
  quarantined: {
    happened: 'The version named by `to` was rolled back here before.',
    remedy:
      'Choose another one, or set `force: true` if it is good after all: what only takes rollbacks back quarantines nothing.',
  },
  superseded: {
    happened: 'Another version is live than `expected-current` says, or somebody deployed meanwhile.',
    remedy: 'Look at what is live now and decide again.',
  },
  'verification-failed': {
    happened:
      'The version to go back to is served and the ledger says so, but it failed a check. What was to be left was not put back.',
    remedy: 'Read what was verified; go back further, or deploy a fixed version.',
  },
  'restore-failed': {
    happened:
      'No version to go back to answers. What is served is unverified; what was to be left was not put back.',
    remedy: 'Look at the server now. Then run the rollback again, or name a version that works with `to`.',
  },
  'evidence-mismatch': {
    happened:
      'The stored bytes of the version named by `to` were changed, or its tag names a store that sluice.yaml does not, and they are in none that it does. Or what is served turned out to have other bytes than the ledger names.',
    remedy:
      'Deploy a version whose bytes on the target are wrong: that brings the right ones. Restore the store, or choose another version. A store of the team goes into `registry.former-stores`.',
  },
  'registry-behind': {
    happened: 'The version is live and the ledger says so, but MLflow does not show it.',
    remedy: 'The message says why; run the step again when that is settled, it moves the alias alone.',
  },
  locked: {
    happened:
      'Another rollback of this environment is running, or somebody took the environment from this one.',
    remedy:
      'Wait for it, or cancel it; the message says whose it is and since when. When it has to go, set `break-lock: true`.',
  },
} as const satisfies ReasonTable;

/** What this action may end with. */
export type Reason = CommonReason | keyof typeof REASONS;
export type RollbackOutcome = Outcome<Reason, (typeof OUTPUTS)[number]>;

import type { Outcome } from '@sluice/core/action/outcome.ts';
import type { CommonReason, ReasonTable } from '@sluice/core/action/reasons.ts';
import {
  EVIDENCE_FAILED,
  EVIDENCE_MISMATCHED,
  EVIDENCE_MISSING,
} from '@sluice/core/delivery/evidence-reasons.ts';

export const INPUTS = [
  'environment',
  'version',
  'expected-current',
  'reason',
  'release-quarantine',
  'release-hold',
  'force',
  'resume',
  'target',
  'strategy',
  'verify',
] as const;

export const OUTPUTS = ['version', 'previous-version', 'live'] as const;

export const REASONS = {
  'already-live': {
    happened: 'The version is live in this environment, and the server answers with it.',
    remedy: 'Nothing to do.',
  },
  'rolled-back': {
    happened: 'The version failed a check; the version before is served again, read back and ready.',
    remedy: 'Read what was verified, correct the model or the server, register and deploy again.',
  },
  'verification-failed': {
    happened: 'The first version ever deployed here failed a check; nothing is served, as before.',
    remedy: 'Read what was verified, correct the model or the server, and deploy again.',
  },
  'restore-failed': {
    happened: 'The version failed, and going back failed too. What is served is unverified.',
    remedy: 'Look at the server now. Then run rollback, or deploy a version that works.',
  },
  quarantined: {
    happened:
      'The version was rolled back in this environment, or has the bytes of one that was, or of one that was deregistered.',
    remedy:
      'Revert the change that made it, or merge one that makes another model. If it is good after all, take the rollback back: rollback `to` it with `force: true`, or deploy it with `release-quarantine: true`.',
  },
  held: {
    happened: 'Somebody put the environment on hold: no other version may be deployed there.',
    remedy:
      'Wait until the hold is released; the message says whose it is and why. Or set `release-hold: true`.',
  },
  superseded: {
    happened: 'Another version is live than `expected-current` says, or somebody deployed meanwhile.',
    remedy: 'Look at what is live now and decide again.',
  },
  'registry-behind': {
    happened: 'The version is live and the ledger says so, but MLflow does not show it.',
    remedy: 'The message says why; run the step again when that is settled, it moves the alias alone.',
  },
  'not-verified': {
    happened:
      'The version is live, but no prediction was asked of it, or the server does not say which version it runs.',
    remedy:
      'Let register-model record golden requests (`registry.golden`), or write some with their answers and name them in `verify.golden`; let the server answer its version.',
  },
  deprecated: {
    happened: 'It went well, but the ledger said that the model is deprecated: nobody maintains it any more.',
    remedy:
      'Deploy the model that took its place. If this one stays deprecated, deprecate it again: a deployment ends it.',
  },
  locked: {
    happened: 'Another rollout of this environment is running, or took it from this one.',
    remedy:
      'Wait for it, or cancel it; the message says whose it is and since when. When it has to go, set `force: true`.',
  },
  'pre-empted': {
    happened: 'A rollback took the environment from this deployment, which touched nothing more.',
    remedy: 'Read why in the rollback; then decide whether to deploy again.',
  },
  paused: {
    happened:
      'The strategy has a pause here: the version has its share of the traffic, and waits for somebody to say go on.',
    remedy:
      'Look at it. Then run this action with `resume: true`, or the rollback action to take the version out again.',
  },
  'awaiting-labels': {
    happened:
      'The version has its share of the traffic, and there are not labels enough yet to judge what it predicted.',
    remedy: 'Run this action with `resume: true` when there are more, such as on a schedule.',
  },
  'nothing-paused': {
    happened: '`resume: true` was set, and no rollout of this environment (or of this version) is paused.',
    remedy: 'Deploy without `resume`; the message says what is paused.',
  },
  compared: {
    happened: 'The shadow did as well as what is live. Nobody got its answers, and it was taken away again.',
    remedy: 'Deploy it with another strategy.',
  },
  'analysis-failed': {
    happened:
      'What was measured while the version had its share of the traffic is worse than allowed; the version before is served again.',
    remedy: 'Read the verdicts, correct the model or the server, register and deploy again.',
  },
  inconclusive: {
    happened:
      'Until the deadline there were too few samples, or no source of them answered; the version before is served again.',
    remedy:
      'Give the step a longer bake or a longer deadline, or let a probe send requests; the message says what was missing.',
  },
  drifted: {
    happened: 'Somebody who is no run of this suite moved the traffic meanwhile. It was left to them.',
    remedy: 'Take the target out of what else moves it (the message says what is known), and deploy again.',
  },
  'unknown-version': {
    happened: 'The ledger has no such version of this model, or none at all.',
    remedy: 'Use one of the versions in the message, or register the model first.',
  },
  'unreadable-data': {
    happened: 'The file of labels cannot be read, or lacks a column or a value.',
    remedy: 'Correct what writes the labels; the message has file, row and column. Then resume again.',
  },
  'no-rows': {
    happened: 'The file of labels has no rows.',
    remedy: 'Check that the step that writes the labels succeeded. Then resume again.',
  },
  'evidence-missing': EVIDENCE_MISSING,
  'evidence-mismatch': {
    happened: EVIDENCE_MISMATCHED,
    remedy:
      'Restore the store, or register the model again; never deploy these bytes. A store of the team goes into `registry.former-stores`.',
  },
  'evidence-failed': {
    happened: EVIDENCE_FAILED,
    remedy: 'Correct the model or the data, and register a version that passes.',
  },
} as const satisfies ReasonTable;

/** What this action may end with. */
export type Reason = CommonReason | keyof typeof REASONS;
export type DeployOutcome = Outcome<Reason, (typeof OUTPUTS)[number]>;

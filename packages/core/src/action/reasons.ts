/** One row of the reason-code table in an action's README. */
export interface ReasonText {
  readonly happened: string;
  readonly remedy: string;
}

/** The reason codes that every action may end with, and their README rows. */
export const COMMON_REASONS = {
  ok: { happened: 'Everything that was asked for holds.', remedy: 'Nothing to do.' },
  'bad-input': {
    happened: 'An input has a value that is not allowed.',
    remedy: 'The message names the input, its value and what is allowed; change the `with:` block.',
  },
  'bad-config': {
    happened: '`sluice.yaml` (or a file it names) has an unknown key, a wrong type or an unset `${NAME}`.',
    remedy: 'The message gives line and column and the nearest known key; correct the file.',
  },
  'missing-file': {
    happened: 'A file that the step needs is not there, or the bytes of a model are in none of its stores.',
    remedy:
      'Check the path, and that an earlier step of the job wrote it. Of the bytes of a model the message says where they were looked for, and how they come back.',
  },
  'no-permission': {
    happened: 'The token, the git remote or the file system refused.',
    remedy: 'Paste the `permissions:` lines from the message into the job, or correct the access rights.',
  },
  'service-unavailable': {
    happened:
      'A server, the git remote or a package registry did not answer as it should, also after retries.',
    remedy: 'Run the job again; if it stays, check the address and the network in the message.',
  },
  timeout: {
    happened: 'Something took longer than allowed.',
    remedy: 'Find out why it hangs, or raise the timeout named in the message.',
  },
  cancelled: {
    happened:
      'The job was cancelled. What was half done was taken back; where that is not known, the message says so.',
    remedy: 'Run the job again when ready.',
  },
  internal: {
    happened: 'A bug in Sluice.',
    remedy: 'Report it with the log; the message has the address.',
  },
} as const satisfies Readonly<Record<string, ReasonText>>;

export type CommonReason = keyof typeof COMMON_REASONS;

/** All reason codes of the suite. An action's definition.ts lists those that it may end with. */
export type ReasonCode =
  | CommonReason
  | 'acknowledged'
  | 'already-done'
  | 'already-live'
  | 'already-registered'
  | 'already-there'
  | 'analysis-failed'
  | 'awaiting-labels'
  | 'baseline-near-zero'
  | 'below-limit'
  | 'budget-spent'
  | 'budget-uncounted'
  | 'case-broke'
  | 'command-failed'
  | 'compared'
  | 'condition-rejected'
  | 'contract-suggested'
  | 'contract-violated'
  | 'deprecated'
  | 'different-test-set'
  | 'digest-mismatch'
  | 'drift'
  | 'drifted'
  | 'duplicate-id'
  | 'empty-slice'
  | 'evidence-failed'
  | 'evidence-mismatch'
  | 'evidence-missing'
  | 'group-difference'
  | 'held'
  | 'inconclusive'
  | 'lock-outdated'
  | 'locked'
  | 'metrics-left-out'
  | 'missing-metric'
  | 'new-baseline'
  | 'no-baseline'
  | 'no-metrics'
  | 'no-model'
  | 'no-outputs'
  | 'no-predictions'
  | 'no-pull-request'
  | 'no-rows'
  | 'no-rules'
  | 'not-a-number'
  | 'not-verified'
  | 'nothing-to-roll-back-to'
  | 'nothing-live'
  | 'nothing-paused'
  | 'path-taken'
  | 'paused'
  | 'pre-empted'
  | 'pre-existing'
  | 'quarantined'
  | 'registry-behind'
  | 'regression'
  | 'restore-failed'
  | 'restored'
  | 'retired-bytes'
  | 'rolled-back'
  | 'short-lived-store'
  | 'superseded'
  | 'suspicious-improvement'
  | 'too-few-rows'
  | 'too-large'
  | 'trained-on-test-rows'
  | 'undefined-metric'
  | 'unknown-case'
  | 'unknown-rule'
  | 'unknown-test-set'
  | 'unknown-version'
  | 'unmatched-rows'
  | 'unreadable-data'
  | 'verification-failed'
  | 'version-exists';

/** The README rows of an action's own reason codes. */
export type ReasonRows<Own extends ReasonCode> = Readonly<Record<Own, ReasonText>>;
export type ReasonTable = Partial<ReasonRows<ReasonCode>>;

/** Whether an action with this table may end with the code. */
export function isListed<Own extends ReasonCode>(
  reasons: ReasonRows<Own>,
  code: ReasonCode,
): code is Own | CommonReason {
  return Object.hasOwn(reasons, code) || Object.hasOwn(COMMON_REASONS, code);
}

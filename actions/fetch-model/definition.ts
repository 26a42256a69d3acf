import type { Outcome } from '@sluice/core/action/outcome.ts';
import type { CommonReason, ReasonTable } from '@sluice/core/action/reasons.ts';
import {
  EVIDENCE_FAILED,
  EVIDENCE_MISMATCHED,
  EVIDENCE_MISSING,
} from '@sluice/core/delivery/evidence-reasons.ts';

export const INPUTS = ['environment', 'version', 'path'] as const;
export const OUTPUTS = ['version', 'model-digest', 'path'] as const;

export const REASONS = {
  'already-there': {
    happened: 'The model lies in `path` already, with exactly these bytes.',
    remedy: 'Nothing to do.',
  },
  'path-taken': {
    happened: 'Something else than this model lies in `path`; it was left as it is.',
    remedy: 'Set `path` to a folder that does not exist, or remove what lies there before the step.',
  },
  'nothing-live': {
    happened: 'The ledger says that no version is live in this environment.',
    remedy: 'Use one of the environments in the message, deploy a version there, or set `version`.',
  },
  'unknown-version': {
    happened: 'The ledger has no such version of this model, or it was deregistered.',
    remedy: 'Use one of the versions in the message, or register the model first.',
  },
  quarantined: {
    happened:
      'The version was fetched, but it, or another one with its bytes, was rolled back in an environment or deregistered.',
    remedy:
      'Use it to find out what was wrong with it; for anything else set `environment`, or another `version`.',
  },
  deprecated: {
    happened: 'The version was fetched, but the model is deprecated: nobody maintains it any more.',
    remedy: 'Use the model that took its place.',
  },
  'evidence-missing': EVIDENCE_MISSING,
  'evidence-mismatch': {
    happened: EVIDENCE_MISMATCHED,
    remedy:
      'Restore the store, or register the model again; never use these bytes. A store of the team goes into `registry.former-stores`.',
  },
  'evidence-failed': {
    happened: EVIDENCE_FAILED,
    remedy: 'Correct the model or the data, register a version that passes, and fetch that.',
  },
} as const satisfies ReasonTable;

/** What this action may end with. */
export type Reason = CommonReason | keyof typeof REASONS;
export type FetchOutcome = Outcome<Reason, (typeof OUTPUTS)[number]>;

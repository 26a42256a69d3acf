import type { CommonReason, ReasonTable } from '@sluice/core/action/reasons.ts';

export const INPUTS = [
  'model-path',
  'metrics',
  'predictions',
  'golden',
  'evidence-path',
  'store',
  'registry',
  'version',
  'bump',
  'attest',
] as const;

export const OUTPUTS = ['version', 'tag', 'model-digest', 'created', 'uri'] as const;

export const REASONS = {
  'already-registered': {
    happened: 'A version has exactly these bytes already; nothing was written.',
    remedy: 'Nothing to do: `version` is that version.',
  },
  'evidence-missing': {
    happened:
      'There is no gate statement in the evidence folder, or none about data or no signature that `evidence.require` asks for.',
    remedy:
      'Run evaluate-gate before, in the same job, or hand its `.sluice` folder over; for a signature set `evidence.attest`.',
  },
  'evidence-failed': {
    happened:
      'The gate, or the validation of the data that went in, failed or is older than `evidence.max-age`.',
    remedy: 'Read the report of that step; correct the model or the data and run again.',
  },
  'evidence-mismatch': {
    happened:
      'The gate judged other bytes or numbers, a statement was written by another run or at another commit, the store holds other bytes under this digest, or a statement is by a workflow that is not trusted.',
    remedy:
      'Train and gate the model again in this run; take a committed .sluice out of the repository; repair the store if the message names it.',
  },
  'version-exists': {
    happened: 'The version that was asked for exists, with other bytes.',
    remedy: 'Choose another version, or leave `version` empty.',
  },
  superseded: {
    happened: 'Another run registered the version that was asked for while this one was at work.',
    remedy: 'Look at what it registered; then choose another version, or leave `version` empty.',
  },
  'registry-behind': {
    happened: 'The version is in the ledger, but MLflow does not show it as it should.',
    remedy: 'The message says why; run the step again for the same bytes when that is settled.',
  },
  'retired-bytes': {
    happened:
      'The model is registered, but its bytes were a version before that was deregistered, or is quarantined somewhere.',
    remedy:
      'Find out why the same model comes back. deploy refuses it in those places unless `release-quarantine` is true.',
  },
  restored: {
    happened:
      'A version had these bytes, but the store had lost them or the evidence that the tag names. They are in the store again; where the evidence could not be brought back, the bytes are a new version.',
    remedy: 'Deploy `version`. Find out what removed them from the store.',
  },
  'short-lived-store': {
    happened:
      'The model is registered, but its store is a folder of a runner of GitHub, which goes with the job and the bytes with it.',
    remedy:
      'Set `registry.store` to `release:` or `s3://bucket/prefix`, or register on a runner of your own; then run again, which stores the bytes there.',
  },
  'command-failed': {
    happened:
      'The command of `registry.golden.predict` ended with an error, did not answer each request, or changed the model.',
    remedy: 'The message says which; run the command by hand with the model, and correct it.',
  },
  'metrics-left-out': {
    happened: 'The model is registered; some of its metrics are not numbers and were left out.',
    remedy: 'The message names them; let the training write finite numbers.',
  },
} as const satisfies ReasonTable;

/** What this action may end with. */
export type Reason = CommonReason | keyof typeof REASONS;

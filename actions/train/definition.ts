import type { CommonReason, ReasonTable } from '@sluice/core/action/reasons.ts';

export const INPUTS = [
  'run',
  'pipeline',
  'model-path',
  'metrics',
  'predictions',
  'outputs',
  'params',
  'data',
  'sources',
  'environment-files',
  'cache',
  'timeout',
] as const;

export const OUTPUTS = ['model-path', 'model-digest', 'metrics', 'predictions', 'cache-hit'] as const;

export const REASONS = {
  'command-failed': {
    happened: 'The training command ended with an exit code other than 0, or was killed.',
    remedy:
      'Read the end of its output in the log (the message quotes the last line), and run the command in a checkout of this commit until it ends well.',
  },
  'digest-mismatch': {
    happened:
      'Data is not what was pinned in `sluice.lock.yaml` (a version in S3 was deleted, or its bytes are others), or not what a `.dvc` file recorded.',
    remedy:
      'The message names key or path, and the digests. Restore the bytes; or pin the new data (`write-lock` of validate-data, `dvc add`) and have that reviewed.',
  },
  'no-model': {
    happened: 'The command ended well, but left no usable model: nothing, zero bytes, or symbolic links.',
    remedy: 'Let the command write plain files to `model-path`, or correct `model-path`.',
  },
  'no-metrics': {
    happened:
      'The command ended well, but its metrics file is missing, empty, unreadable or without a number.',
    remedy: 'Let the command write names with numbers to `metrics`, such as `{"auc": 0.71}`.',
  },
  'no-predictions': {
    happened: 'The command ended well, but its predictions file is missing or empty.',
    remedy: 'Let the command write `predictions`, or leave that setting out.',
  },
  'no-outputs': {
    happened: 'The command ended well, but one of its other `outputs` is missing, or holds links or no file.',
    remedy: 'Let the command write it as plain files, or take it out of `outputs`.',
  },
  'not-a-number': {
    happened: 'The model was made, but some of its metrics are NaN, infinite or text (a warning).',
    remedy: 'Correct what computes them; `evaluate-gate` fails on every rule that names one.',
  },
} as const satisfies ReasonTable;

/** What this action may end with. */
export type Reason = CommonReason | keyof typeof REASONS;

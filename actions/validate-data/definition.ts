import type { CommonReason, ReasonTable } from '@sluice/core/action/reasons.ts';

export const INPUTS = [
  'contract',
  'data',
  'reference',
  'format',
  'profile',
  'samples',
  'write-lock',
  'duckdb-path',
] as const;

export const OUTPUTS = ['profile', 'rows', 'failed-rules'] as const;

export const REASONS = {
  'contract-violated': {
    happened:
      'At least one rule of the contract does not hold. A warning if all of them have a low severity.',
    remedy: 'Correct the data, or the contract if it is wrong; the summary has counts and row numbers.',
  },
  'unreadable-data': {
    happened: 'Records are ragged or broken, or a file is not what its format says.',
    remedy: 'The message has file and line; write the file again, or set `format`.',
  },
  'unknown-rule': {
    happened: 'The contract has a rule that cannot be judged here; everything else holds.',
    remedy: 'Correct its spelling, express it by a known metric, or make it prose with `type: text`.',
  },
  'no-rows': {
    happened: 'A data set has no rows. No rule can fail there, so nothing would be proven.',
    remedy: 'Check that the step that writes the data succeeded.',
  },
  'digest-mismatch': {
    happened:
      'Data is not what was pinned in `sluice.lock.yaml` (a version in S3 was deleted, or its bytes are others), or not what a `.dvc` file or `dvc.lock` recorded.',
    remedy:
      'The message names key or path, and the digests. Restore the bytes; or pin the new data (`write-lock`, `dvc add`) and have that reviewed.',
  },
  drift: {
    happened: 'The contract holds, but a column is distributed otherwise than in the reference.',
    remedy: 'Find out why. If it is the new normal, replace the reference by the profile just written.',
  },
  'lock-outdated': {
    happened: 'The data holds, but `dvc.lock` does not belong to the code, data or parameters (a warning).',
    remedy: 'Run `dvc repro` and `dvc push`, and commit `dvc.lock`; or let `train` do it (`train.pipeline`).',
  },
  'contract-suggested': {
    happened: 'There is no contract. One was inferred from the data and written for review.',
    remedy: 'Read it, tighten it, commit it and name it in `data.contract` or the input `contract`.',
  },
} as const satisfies ReasonTable;

/** What this action may end with. */
export type Reason = CommonReason | keyof typeof REASONS;

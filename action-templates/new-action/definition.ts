import type { CommonReason, ReasonTable } from '@sluice/core/action/reasons.ts';

export const INPUTS = ['model-path', 'max-bytes'] as const;
export const OUTPUTS = ['bytes'] as const;

export const REASONS = {
  'too-large': {
    happened: 'The model is larger than `max-bytes`.',
    remedy: 'Make the model smaller, or raise the limit.',
  },
} as const satisfies ReasonTable;

/** What this action may end with. */
export type Reason = CommonReason | keyof typeof REASONS;

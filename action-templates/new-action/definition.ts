import type { ReasonText } from '@sluice/core/action/run-action.ts';

export const INPUTS = ['model-path', 'max-bytes'] as const;
export const OUTPUTS = ['bytes'] as const;

export const REASONS = {
  'too-large': {
    happened: 'The model is larger than `max-bytes`.',
    remedy: 'Make the model smaller, or raise the limit.',
  },
} as const satisfies Record<string, ReasonText>;

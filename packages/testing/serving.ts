import type { LiveState } from '@sluice/core/serving/target.ts';

/** One version has all traffic, and the server says so. */
export const serving = (version: string): LiveState => ({
  intended: [{ version, weight: 100 }],
  answer: { kind: 'answered', shares: [{ version, weight: 100 }] },
});

/** The check of a model that predicted as it should. */
export const GOLDEN_PASSED = {
  check: 'golden',
  verdict: 'pass',
  message: 'Right.',
  cases: 1,
  failed: 0,
  failures: [],
} as const;

import type { Rollout } from '../ledger/lock.ts';
import { CLAIMED } from './claim.ts';

/** What is left to do for a rollout that died. */
export type Recovery =
  | { readonly kind: 'nothing'; readonly message: string }
  /** Traffic may have moved to a candidate that nobody finished verifying. */
  | { readonly kind: 'undo'; readonly to: string | undefined; readonly message: string };

/** Decides from the dead rollout's journal and the version that is live by the ledger. */
export function recoveryOf(dead: Rollout, ledgerLive: string | undefined): Recovery {
  if (dead.step === CLAIMED) {
    return {
      kind: 'nothing',
      message: `The rollout of ${dead.candidate} that died had not moved any traffic.`,
    };
  }
  if (ledgerLive === dead.candidate) {
    return {
      kind: 'nothing',
      message: `The rollout of ${dead.candidate} that died had been finished: the ledger says it is live.`,
    };
  }
  return {
    kind: 'undo',
    to: dead.previous,
    message: `The rollout of ${dead.candidate} that died may have moved the traffic without finishing; going back to ${dead.previous ?? 'serving nothing'}.`,
  };
}

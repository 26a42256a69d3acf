import type { Rollout } from '../ledger/lock.ts';
import type { EnvironmentState } from '../ledger/state.ts';
import { CLAIMED } from './claim.ts';

/** What is left to do for a rollout that died. */
export type Recovery =
  | { readonly kind: 'nothing'; readonly message: string }
  /** Traffic may have moved to a candidate that nobody finished verifying; `to` is what the ledger says is live. */
  | { readonly kind: 'undo'; readonly to: string | undefined; readonly message: string };

/**
 * Decides from the dead rollout's journal and the ledger. The journal only hints that the traffic may have moved: whoever
 * may push may have written it, so what it says was live before is never put back, only what the ledger says.
 */
export function recoveryOf(
  dead: Rollout,
  { live, quarantined }: Pick<EnvironmentState, 'live' | 'quarantined'>,
): Recovery {
  const rollout = `The rollout of ${dead.candidate} that died`;
  const to = live?.version;
  if (dead.step === CLAIMED) return { kind: 'nothing', message: `${rollout} had not moved any traffic.` };
  if (to === dead.candidate) {
    return { kind: 'nothing', message: `${rollout} had been finished: the ledger says it is live.` };
  }
  if (to !== undefined && quarantined.has(to)) {
    return {
      kind: 'nothing',
      message: `${rollout} may have moved the traffic. The ledger says that ${to} is live, but ${to} is quarantined, so it is not put back.`,
    };
  }
  const other =
    dead.previous === to
      ? ''
      : ` Its journal says that ${dead.previous ?? 'nothing'} was live before, which the ledger does not.`;
  return {
    kind: 'undo',
    to,
    message: `${rollout} may have moved the traffic without finishing; going back to ${to ?? 'serving nothing'}, as the ledger says.${other}`,
  };
}

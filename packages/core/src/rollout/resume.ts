import { names } from './effects.ts';
import { AT_ONCE } from './plan.ts';
import type { Facts, Failure, Phase, RolloutState } from './state.ts';

const BEFORE_TRAFFIC: readonly Phase[] = ['claimed', 'staging', 'probing'];

/**
 * What is left to do for a rollout that died. A rollback goes forward and a deployment back; a journal only explains why the
 * target is not as the ledger says, and never names a version that neither of them does.
 */
export function resume(dead: RolloutState, { live, earlier, set, generation }: Facts): RolloutState {
  // The shares of a journal are not gone through: it may name any version beside what the ledger says is live.
  const plan = { ...AT_ONCE, probe: dead.plan.probe };
  const begun = { further: [], notes: [], pushes: 0, step: 0, stepBack: 0 };
  const state: RolloutState = { ...dead, ...begun, plan, generation };
  if (BEFORE_TRAFFIC.includes(dead.phase) && dead.moved === 'no')
    return { ...state, phase: 'untouched', because: died(dead) };
  const isLive = live !== undefined && live?.version === dead.candidate?.version;
  const forward = dead.kind === 'rollback' && !isLive && set !== undefined && !dead.avoid.includes(set);
  if (forward && earlier?.version === set)
    return {
      ...state,
      phase: 'switching',
      candidate: earlier,
      stable: null,
      avoid: names(live ?? null),
      moved: 'unknown',
    };
  // What was to be left is not put back; the run that resumes goes on with its own wish.
  const left =
    dead.kind === 'rollback' && names(live ?? null).some((version) => dead.avoid.includes(version));
  if (live === undefined || left) return { ...state, phase: 'untouched', because: died(dead) };
  return {
    ...state,
    kind: 'deploy',
    phase: 'switching-back',
    stable: live,
    avoid: [],
    moved: 'unknown',
    because: died(dead),
  };
}

function died({ phase, candidate }: RolloutState): Failure {
  const message = `The rollout of ${candidate?.version ?? 'nothing'} died (${phase}).`;
  return { step: phase, decision: 'error', reason: 'cancelled', message };
}

import type { ActionContext } from '../action/context.ts';
import type { Refusal } from '../ledger/plan.ts';
import type { ModelState } from '../ledger/state.ts';
import type { Reduced } from '../rollout/state.ts';
import { runRollout, type Trace } from '../rollout/run.ts';
import type { Check } from '../serving/checks.ts';
import type { LiveState } from '../serving/target.ts';
import type { Delivery } from './delivery.ts';
import type { Held } from './environment.ts';
import type { Watching } from './not-watched.ts';
import { sceneOf, type PlanFor } from './scene.ts';

/** How a rollout went, and what is served after it. */
export interface Finished extends Trace {
  readonly checks: readonly Check[];
  readonly live: LiveState;
  /** The ledger after it. */
  readonly ledger: ModelState;
}

/** Rolls the candidate out from this state on, or ends in the state that its kind and the failure ask for. */
export async function carryOut<Reason extends Refusal>(
  { signal, log }: ActionContext,
  delivery: Delivery,
  held: Held,
  first: Reduced,
  plan: PlanFor<Reason>,
  watching?: Watching,
): Promise<Finished> {
  const { lease } = held;
  const scene = sceneOf(delivery, lease, held.state, {
    log,
    plan,
    ...(watching === undefined ? {} : { watching }),
  });
  const trace = await runRollout(first, scene.perform, { signal, lost: lease.lost }, log);
  held.ended(trace.state);
  const live = await delivery.target.live(new AbortController().signal);
  const steps = [...held.steps, ...trace.steps];
  return { ...trace, steps, checks: scene.checks, live, ledger: scene.ledger() };
}

import type { ActionContext } from '@sluice/core/action/context.ts';
import type { UserError } from '@sluice/core/action/errors.ts';
import { planAssignment, type AssignRefusal } from '@sluice/core/ledger/assignment.ts';
import { refusal, type Plan, type Refused } from '@sluice/core/ledger/plan.ts';
import type { ModelState } from '@sluice/core/ledger/state.ts';
import { showLive, withRegistry } from '@sluice/core/delivery/alias.ts';
import { chooseCandidate, passedOver } from './choose.ts';
import { withDeprecation } from './deprecation.ts';
import type { DeployOutcome, INPUTS, Reason } from './definition.ts';
import {
  knownVersion,
  openDelivery,
  requireDigest,
  stableVersion,
  type Delivery,
} from '@sluice/core/delivery/delivery.ts';
import { requireRequests } from '@sluice/core/delivery/verification.ts';
import { withEnvironment } from '@sluice/core/delivery/environment.ts';
import { describeLive, isServed, look } from '@sluice/core/delivery/live.ts';
import { requireEvidence } from '@sluice/core/delivery/evidence.ts';
import { carryOut } from '@sluice/core/delivery/rollout.ts';
import { requireSignature } from '@sluice/core/delivery/signature.ts';
import { rolloutPlan } from '@sluice/core/delivery/strategy.ts';
import { readRequest, type DeployRequest } from './inputs.ts';
import { alreadyLive, dryRun, finished } from './outcomes.ts';
import { planOf } from './plan.ts';
import { goOn, pausedVersion } from './resume.ts';
import { begin } from '@sluice/core/rollout/reduce.ts';

type Context = ActionContext<(typeof INPUTS)[number]>;

/** Deploys a version, or explains why nothing or something else happened. */
export async function run(context: Context): Promise<DeployOutcome> {
  const request = await readRequest(context);
  const delivery = await openDelivery(context, request);
  const { state, live } = await look(delivery, context.log, context.signal);
  context.log.info(describeLive(delivery, state, live));
  const candidate = request.resume
    ? await pausedVersion(delivery, state, request)
    : chooseCandidate(state, request);
  const passed = request.version === undefined && !request.resume ? passedOver(state, candidate) : undefined;
  if (passed !== undefined) context.log.notice(passed);
  const wish = assignment(delivery, request, candidate.version);
  const wanted = requireGranted(wish(state));
  if (!request.resume && (await isServed(delivery, state, live, candidate.version, context.signal))) {
    // What is live already can only have a hold to end.
    if (wanted.kind === 'write' && !request.dryRun)
      requireGranted((await delivery.ledger.write(request.model, wish)).plan);
    const behind = request.dryRun ? undefined : await showLive(delivery, candidate, context.log);
    return withRegistry(
      alreadyLive(request, delivery.target, candidate.version, live, wanted.kind === 'write'),
      behind,
    );
  }
  const record = requireDigest(candidate);
  requireRequests(request.verification, record);
  const store = delivery.store(record);
  const evidence = await requireEvidence(store, request.model, record, request.policy);
  context.log.info(`The passport of ${record.version} vouches for sha256:${record.modelDigest}.`);
  const signature = await requireSignature(context, store, request, record);
  const vouched = { ...evidence, notes: [...evidence.notes, ...signature] };
  for (const sentence of vouched.notes) context.log.info(sentence);
  if (request.dryRun) {
    const stable = await stableVersion(delivery, state, live, record.version);
    const plan = planOf(request, delivery.target, record, stable);
    for (const line of plan) context.log.info(line);
    return withDeprecation(dryRun(request, record, stable, live, plan, vouched), state);
  }
  const wanting = {
    kind: 'deploy',
    candidate: knownVersion(state, record.version),
    force: request.force,
    resume: request.resume,
  } as const;
  const rollout = await withEnvironment(context, delivery, wanting, async (held) => {
    requireGranted(wish(held.state));
    const intent = {
      kind: wanting.kind,
      candidate: wanting.candidate,
      stable: await stableVersion(delivery, held.state, held.live, record.version),
      avoid: [],
      further: [],
      plan: rolloutPlan(request),
      generation: held.live.generation,
    };
    const { intended } = held.live;
    const first = request.resume ? goOn(held.paused, intent, intended, request.environment) : begin(intent);
    const report = await carryOut(context, delivery, held, first, () => wish, request.watching);
    return {
      outcome: finished(request, delivery.target, intent.stable?.version, held, report, vouched),
      deployed: report.state.phase === 'recorded',
    };
  });
  // The state from before: the deployment's own tag ends a deprecation.
  const outcome = withDeprecation(rollout.outcome, state);
  // Whatever shows what is live may hang or be down, and must not keep the next rollback out.
  return rollout.deployed ? withRegistry(outcome, await showLive(delivery, record, context.log)) : outcome;
}

function assignment(
  { origin }: Delivery,
  request: DeployRequest,
  version: string,
): (state: ModelState) => Plan<AssignRefusal> {
  const { environment, reason, expectedCurrent, releaseQuarantine, releaseHold } = request;
  return (state) =>
    planAssignment(
      state,
      {
        ...origin,
        environment,
        version,
        reason,
        expectedCurrent,
        releaseQuarantine,
        releaseHold,
        strategy: request.strategy.name,
      },
      new Date(),
    );
}

function requireGranted(plan: Plan<AssignRefusal>): Exclude<Plan, Refused> {
  if (plan.kind === 'refused') throw refusal(plan) satisfies UserError<Reason>;
  return plan;
}

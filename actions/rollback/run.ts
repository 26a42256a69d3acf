import type { ActionContext } from '@sluice/core/action/context.ts';
import type { UserError } from '@sluice/core/action/errors.ts';
import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import { showLive, withRegistry } from '@sluice/core/delivery/alias.ts';
import { carryOut, withLock, type Held } from '@sluice/core/delivery/carry-out.ts';
import { warnOfProblems } from '@sluice/core/ledger/problems.ts';
import { refusal } from '@sluice/core/ledger/plan.ts';
import { openDelivery, previousVersion, type Delivery } from '@sluice/core/delivery/delivery.ts';
import { describeLive, isServed, look } from '@sluice/core/delivery/live.ts';
import { strategyOf } from '@sluice/core/rollout/strategies/index.ts';
import { chooseTarget, rollbackPlan } from './choose.ts';
import type { INPUTS, Reason, RollbackOutcome } from './definition.ts';
import { diffRows } from './diff.ts';
import { readRequest, type RollbackRequest } from './inputs.ts';
import { alreadyLive, dryRun, finished, undone } from './outcomes.ts';

type Context = ActionContext<(typeof INPUTS)[number]>;

/** Goes back to an earlier version, or explains why nothing or something else happened. */
export async function run(context: Context): Promise<RollbackOutcome> {
  const request = await readRequest(context);
  const delivery = await openDelivery(context, request);
  if (request.dryRun) return plan(context, delivery, request);
  const claimant = { candidate: request.to ?? 'the last good version', breaksLock: request.breakLock };
  const { outcome, live } = await withLock(context, delivery, claimant, (held) =>
    goBack(context, delivery, request, held),
  );
  // Whatever shows what is live may hang or be down, and must not keep the next rollback out.
  return live === undefined ? outcome : withRegistry(outcome, await showLive(delivery, live, context.log));
}

async function plan(
  { log, signal }: Context,
  delivery: Delivery,
  request: RollbackRequest,
): Promise<RollbackOutcome> {
  const { state, live } = await look(delivery, log, signal);
  log.info(describeLive(delivery, state, live));
  const { version } = await chooseTarget(delivery, request, state, log);
  const from = state.environments.get(request.environment)?.live?.version;
  const difference = diffRows(state, request.environment, from, version);
  for (const { name, now, after } of difference) log.info(`${name}: ${now || 'none'} → ${after || 'none'}`);
  return dryRun(request, live, from, version.version, difference);
}

/** What a rollback came to, and the version that is live now by the ledger, when that is known to be served. */
interface Gone {
  readonly outcome: RollbackOutcome;
  readonly live?: VersionRecord;
}

async function goBack(
  context: Context,
  delivery: Delivery,
  request: RollbackRequest,
  held: Held,
): Promise<Gone> {
  const { state, live, settled } = held;
  warnOfProblems(state, context.log);
  context.log.info(describeLive(delivery, state, live));
  // Undoing a rollout that died is going back already; one step further would leave a good version.
  if (request.to === undefined && settled !== undefined && settled.kind !== 'nothing') {
    if (settled.kind === 'undone') await putOnHold(delivery, request, state, settled.to?.version);
    return { outcome: undone(request, held, settled) };
  }
  const { version, live: inLedger } = await chooseTarget(delivery, request, state, context.log);
  if (inLedger && (await isServed(delivery, state, live, version.version, context.signal))) {
    await putOnHold(delivery, request, state, version.version);
    return { outcome: alreadyLive(request, version.version, live), live: version };
  }
  const expectedCurrent = state.environments.get(request.environment)?.live?.version;
  const intent = {
    // Whatever strategy brought a version in: the way out is all traffic at once.
    steps: strategyOf('direct').steps,
    candidate: version,
    previous:
      settled?.kind === 'not-undone'
        ? settled.to
        : await previousVersion(delivery, state, live, version.version),
    plan: (now: typeof state) =>
      rollbackPlan(
        delivery,
        { ...request, ...(expectedCurrent === undefined ? {} : { expectedCurrent }) },
        now,
        version.version,
      ),
  };
  const report = await carryOut(context, delivery, held, intent);
  const outcome = finished(request, intent, held, report);
  return report.end.kind === 'deployed' ? { outcome, live: version } : { outcome };
}

/** Writes the hold that was asked for when the version is live already, and nothing else is to be written. */
async function putOnHold(
  delivery: Delivery,
  request: RollbackRequest,
  state: ModelState,
  version: string | undefined,
): Promise<void> {
  const live = state.environments.get(request.environment)?.live?.version;
  if (!request.hold || version === undefined || version !== live) return;
  const { plan } = await delivery.ledger.write(request.model, (now) =>
    rollbackPlan(delivery, { ...request, expectedCurrent: live }, now, version),
  );
  if (plan.kind === 'refused') throw refusal(plan) satisfies UserError<Reason>;
}

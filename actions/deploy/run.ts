import type { ActionContext } from '@sluice/core/action/context.ts';
import { UserError } from '@sluice/core/action/errors.ts';
import type { Outcome } from '@sluice/core/action/outcome.ts';
import { planAssignment, type AssignRefusal } from '@sluice/core/ledger/assignment.ts';
import { refusal, type Plan, type Refused } from '@sluice/core/ledger/plan.ts';
import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import { showLive, withRegistry } from '@sluice/core/delivery/alias.ts';
import { carryOut, withLock, type Held } from '@sluice/core/delivery/carry-out.ts';
import type { INPUTS, OUTPUTS, Reason } from './definition.ts';
import {
  openDelivery,
  previousVersion,
  requireDigest,
  type Delivery,
} from '@sluice/core/delivery/delivery.ts';
import { describeLive, isServed, look } from '@sluice/core/delivery/live.ts';
import { requireEvidence } from '@sluice/core/delivery/evidence.ts';
import { requireSignature } from '@sluice/core/delivery/signature.ts';
import { readSettings, type Settings } from './inputs.ts';
import { alreadyLive, dryRun, finished, planOf } from './outcomes.ts';

type Context = ActionContext<(typeof INPUTS)[number]>;
type DeployOutcome = Outcome<Reason, (typeof OUTPUTS)[number]>;

/** Deploys a version, or explains why nothing or something else happened. */
export async function run(context: Context): Promise<DeployOutcome> {
  const settings = await readSettings(context);
  const delivery = await openDelivery(context, settings);
  const { state, live } = await look(delivery, context.signal);
  context.log.info(describeLive(delivery, state, live));
  const candidate = chooseCandidate(state, settings);
  const wish = assignment(delivery, settings, candidate.version);
  const wanted = requireGranted(wish(state));
  if (await isServed(delivery, state, live, candidate.version, context.signal)) {
    // What is live already can only have a hold to end.
    if (wanted.kind === 'write' && !settings.dryRun)
      requireGranted((await delivery.ledger.write(settings.model, wish)).plan);
    const behind = settings.dryRun ? undefined : await showLive(delivery, candidate, context.log);
    return withRegistry(alreadyLive(settings, candidate.version, live, wanted.kind === 'write'), behind);
  }
  const record = requireDigest(candidate);
  const store = delivery.store(record);
  const evidence = await requireEvidence(store, settings.model, record, settings.policy);
  context.log.info(`The passport of ${record.version} vouches for sha256:${record.modelDigest}.`);
  const signature = await requireSignature(context, store, settings, record);
  const vouched = { ...evidence, notes: [...evidence.notes, ...signature] };
  for (const sentence of vouched.notes) context.log.info(sentence);
  const previous = await previousVersion(delivery, state, live, record.version);
  if (settings.dryRun) {
    for (const line of planOf(settings, record, previous)) context.log.info(line);
    return dryRun(settings, record, previous, live, vouched);
  }
  return withLock(context, delivery, record.version, async (held) => {
    requireGranted(wish(held.state));
    const rollout = {
      candidate: record,
      previous: await previousUnderLock(delivery, held, record.version),
      plan: wish,
    };
    const report = await carryOut(context, delivery, held, rollout);
    const behind = report.end.kind === 'deployed' ? await showLive(delivery, record, context.log) : undefined;
    return withRegistry(finished(settings, rollout, held, report, vouched), behind);
  });
}

/** The version asked for, or the newest that is registered. */
function chooseCandidate(state: ModelState, { version, model }: Settings): VersionRecord {
  const active = state.versions.filter((v) => v.active);
  const chosen = version === undefined ? active.at(-1) : state.versions.find((v) => v.version === version);
  if (chosen !== undefined) return chosen;
  const known = active.map((v) => v.version).slice(-10);
  throw new UserError<Reason>(
    'unknown-version',
    `${version === undefined ? `${model} has no registered version` : `${model} has no version ${version}`}. ${known.length === 0 ? 'Register one with register-model first' : `Registered: ${known.join(', ')}`}.`,
    { decision: 'fail' },
  );
}

function assignment(
  { origin }: Delivery,
  settings: Settings,
  version: string,
): (state: ModelState) => Plan<AssignRefusal> {
  const { environment, reason, expectedCurrent, releaseQuarantine, releaseHold } = settings;
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
        strategy: 'direct',
      },
      new Date(),
    );
}

function requireGranted(plan: Plan<AssignRefusal>): Exclude<Plan, Refused> {
  if (plan.kind === 'refused') throw refusal(plan) satisfies UserError<Reason>;
  return plan;
}

/** A rollout that died left something else live than what was good last; its journal knows. */
async function previousUnderLock(
  delivery: Delivery,
  { settled, state, live }: Held,
  candidate: string,
): ReturnType<typeof previousVersion> {
  if (settled?.kind === 'not-undone') return settled.to;
  return previousVersion(delivery, state, live, candidate);
}

import { AT_ONCE } from '@sluice/core/rollout/plan.ts';
import { errorMessage, isUserError, type UserError } from '@sluice/core/action/errors.ts';
import type { ModelState, VersionRecord } from '@sluice/core/ledger/state.ts';
import { showLive, withRegistry } from '@sluice/core/delivery/alias.ts';
import { environmentOf } from '@sluice/core/ledger/assignment.ts';
import { warnOfProblems } from '@sluice/core/ledger/problems.ts';
import { refusal, withTrailers, type Trailer } from '@sluice/core/ledger/plan.ts';
import { openDelivery, type Delivery } from '@sluice/core/delivery/delivery.ts';
import { withDecision, type Found, type Held } from '@sluice/core/delivery/environment.ts';
import { describeLive, isServed, look } from '@sluice/core/delivery/live.ts';
import { carryOut } from '@sluice/core/delivery/rollout.ts';
import { takenOver } from '@sluice/core/delivery/taken-over.ts';
import type { KnownVersion } from '@sluice/core/rollout/state.ts';
import type { LiveState } from '@sluice/core/serving/target.ts';
import { begin, type Intent } from '@sluice/core/rollout/reduce.ts';
import { runCreated } from './created.ts';
import { chooseTarget, rollbackPlan, type Choice } from './choose.ts';
import type { Reason, RollbackOutcome } from './definition.ts';
import { diffRows, type DiffRow } from './diff.ts';
import { withIncident } from './incident.ts';
import { readRequest, type Context, type RollbackRequest } from './inputs.ts';
import { alreadyDone, alreadyLive, dryRun, finished, settledBefore, withWrongBytes } from './outcomes.ts';
import { subjectOf, type Subject } from './subject.ts';

/** Goes back to an earlier version, or explains why nothing or something else happened. */
export async function run(context: Context): Promise<RollbackOutcome> {
  const request = await readRequest(context);
  const delivery = await openDelivery(context, request);
  if (request.dryRun) return plan(context, delivery, request);
  const { to, reason } = request;
  const wanting = {
    kind: 'rollback',
    candidate: typeof to === 'string' ? { version: to } : null,
    force: request.force || request.breakLock,
    reason,
  } as const;
  const gone = await withDecision(
    context,
    delivery,
    wanting,
    {
      decide: (found) => decide(context, delivery, request, found),
      intent: (decided) => (decided.inPlace ? undefined : rolloutOf(decided)),
    },
    (held, decided) => goBack(context, delivery, request, held, decided),
  );
  // Whatever takes long, may hang or be down must not keep the next rollback out.
  const outcome = await withAfterwards(context, delivery, request, gone);
  return request.issue && gone.moved ? withIncident(context, delivery, request, outcome) : outcome;
}

/** What is shown and verified when the traffic is back and the environment is let go of. */
async function withAfterwards(
  { log, signal }: Context,
  delivery: Delivery,
  request: RollbackRequest,
  { outcome, live, served }: Gone,
): Promise<RollbackOutcome> {
  const shown = live === undefined ? outcome : withRegistry(outcome, await showLive(delivery, live, log));
  if (served === undefined || signal.aborted || (await hasItsBytes(delivery, served))) return shown;
  return withWrongBytes(shown, request, served);
}

async function plan(
  context: Context,
  delivery: Delivery,
  request: RollbackRequest,
): Promise<RollbackOutcome> {
  const { env, log, signal } = context;
  const { state, live } = await look(delivery, log, signal);
  log.info(describeLive(delivery, state, live));
  const subject = subjectOf(state, request, live, runOf(delivery, env), await runCreated(context));
  const asked = wishOf(state, request, subject);
  const { version } = await chooseTarget(delivery, asked, state, log);
  const now = environmentOf(state, request.environment);
  const difference = differenceOf(log, state, request, now.live?.version, version);
  return dryRun(request, now, live, version?.version, difference);
}

/** What is live and what is to be, side by side, which the log shows; nothing where nothing is to be served. */
function differenceOf(
  log: Pick<Context['log'], 'info'>,
  state: ModelState,
  { environment }: Pick<RollbackRequest, 'environment'>,
  from: string | undefined,
  to: VersionRecord | null,
): DiffRow[] {
  const rows = to === null ? [] : diffRows(state, environment, from, to);
  for (const row of rows) log.info(`${row.name}: ${row.now || 'none'} → ${row.after || 'none'}`);
  return rows;
}

/** The run as the ledger names runs; undefined where all runs have the same name, as in act. */
function runOf({ origin }: Delivery, env: Context['env']): string | undefined {
  return env['ACT'] === 'true' ? undefined : origin.run;
}

/** What is to be done, given what there is to leave: nothing but to see that what is live is served, where that was left. */
function wishOf(state: ModelState, request: RollbackRequest, { kind }: Subject): RollbackRequest {
  if (kind === 'live') return request;
  const live = state.environments.get(request.environment)?.live?.version;
  return { ...request, to: live ?? null };
}

/** What a rollback came to, and the version that is live now by the ledger, when that is known to be served. */
interface Gone {
  readonly outcome: RollbackOutcome;
  readonly live?: VersionRecord;
  /** Whether the traffic was moved, or may have been. */
  readonly moved: boolean;
  /** What the traffic was moved to, whose bytes on the target were not digested for that. */
  readonly served?: KnownVersion;
}

/** Whether the target has the bytes that the ledger names, by their digest. */
async function hasItsBytes({ target }: Delivery, { version, modelDigest }: KnownVersion): Promise<boolean> {
  return modelDigest === undefined || target.holds(version, modelDigest);
}

/** What a rollback is to do, by what the ledger and the target say. */
interface Decided {
  readonly subject: Subject;
  /** The request, with the version that the subject asks for. */
  readonly asked: RollbackRequest;
  readonly choice: Choice;
  /** What the ledger says was live before. */
  readonly from: string | undefined;
  /** The target's name of how it was set up then. */
  readonly generation: string | undefined;
  /** What is to be served is: nothing needs to be rolled out. */
  readonly inPlace: boolean;
}

async function decide(
  context: Context,
  delivery: Delivery,
  request: RollbackRequest,
  { state, live }: Found,
): Promise<Decided> {
  const created = await runCreated(context);
  const subject = subjectOf(state, request, live, runOf(delivery, context.env), created);
  const asked = wishOf(state, request, subject);
  const choice = await chooseTarget(delivery, asked, state, context.log);
  const inPlace = choice.live && (await isInPlace(context, delivery, state, live, choice.version?.version));
  const from = state.environments.get(request.environment)?.live?.version;
  return { subject, asked, choice, from, generation: live.generation, inPlace };
}

/** The rollout that a decision comes to, and whether its version is staged already. */
function rolloutOf({ asked, choice: { version, further, staged }, from, generation }: Decided): {
  intent: Intent;
  staged: boolean;
} {
  const intent: Intent = {
    kind: 'rollback',
    candidate: version === null ? null : known(version),
    stable: null,
    avoid: from === undefined || from === version?.version ? [] : [from],
    further: further.map(known),
    // Whatever strategy brought a version in: the way out is all traffic at once.
    plan: { ...AT_ONCE, probe: asked.target.can.has('probe') },
    generation,
  };
  return { intent, staged };
}

const known = ({ version, modelDigest }: VersionRecord): KnownVersion => ({
  version,
  ...(modelDigest === undefined ? {} : { modelDigest }),
});

async function goBack(
  context: Context,
  delivery: Delivery,
  request: RollbackRequest,
  held: Held,
  early: Decided | undefined,
): Promise<Gone> {
  const { state, live, settled } = held;
  warnOfProblems(state, context.log);
  context.log.info(describeLive(delivery, state, live));
  // Settling what had the environment before is what a rollback was called for; one step further would leave a good version.
  if (settled !== undefined && settled.ends && request.to === undefined && request.from === undefined) {
    const isOnRecord =
      settled.kind !== 'not-settled' && (await recordSettled(context, delivery, request, held));
    const outcome = settledBefore(request, held, settled, live, isOnRecord);
    return { outcome, moved: !settled.inPlace };
  }
  const decided = early ?? (await decide(context, delivery, request, held));
  if (!decided.inPlace) return carry(context, delivery, held, decided);
  await putOnHold(delivery, request, state);
  const { subject, choice } = decided;
  const version = choice.version?.version;
  const outcome =
    subject.kind === 'done' || subject.kind === 'replaced'
      ? alreadyDone(request, version, subject, live)
      : alreadyLive(request, version, live);
  return { outcome, moved: false, ...(choice.version === null ? {} : { live: choice.version }) };
}

async function isInPlace(
  { signal }: Context,
  delivery: Delivery,
  state: ModelState,
  live: LiveState,
  version: string | undefined,
): Promise<boolean> {
  if (version !== undefined) return isServed(delivery, state, live, version, signal);
  return live.intended.length === 0;
}

async function carry(context: Context, delivery: Delivery, held: Held, decided: Decided): Promise<Gone> {
  const { state } = held;
  const { asked, from, subject } = decided;
  const difference = differenceOf(context.log, state, asked, from, decided.choice.version);
  const wish = { ...asked, ...(from === undefined ? {} : { expectedCurrent: from }) };
  const report = await carryOut(
    context,
    delivery,
    held,
    begin(rolloutOf(decided).intent),
    (to) => (now) => rollbackPlan(delivery, wish, now, to?.version ?? null),
  );
  const isAsChosen = report.state.candidate?.version === decided.choice.version?.version;
  const outcome = finished(asked, from, held, report, subject, isAsChosen ? difference : []);
  const reached = report.state.phase === 'recorded' && report.state.because === undefined;
  const { phase, candidate } = report.state;
  const served = phase === 'recorded' && candidate !== null ? { served: candidate } : {};
  const record = state.versions.find((v) => v.version === candidate?.version);
  const moved = report.state.moved !== 'no';
  return { outcome, moved, ...served, ...(reached && record !== undefined ? { live: record } : {}) };
}

/**
 * Writes that what was live before is live again, where this run took the environment from one that may have been running, or
 * put back what that had brought up; a run that is started again has nothing more to leave then. Returns whether it did.
 */
async function recordSettled(
  { log }: Context,
  delivery: Delivery,
  request: RollbackRequest,
  { state, lease, settled }: Held,
): Promise<boolean> {
  const { kind, inPlace, candidate } = settled ?? {};
  const back: Trailer[] =
    kind === 'undone' && inPlace === false && candidate !== undefined ? [['Put-Back', candidate]] : [];
  const trailers = [...takenOver(lease), ...back];
  if (request.hold || trailers.length === 0) {
    await putOnHold(delivery, request, state, trailers);
    return false;
  }
  try {
    return await writeLive(delivery, request, state, trailers);
  } catch (error) {
    if (!isUserError(error)) throw error;
    log.warning(`The ledger could not be told of it: ${errorMessage(error)}`);
    return false;
  }
}

/** Writes the hold that was asked for when the version is live already, and nothing else is to be written. */
async function putOnHold(
  delivery: Delivery,
  request: RollbackRequest,
  state: ModelState,
  trailers: readonly Trailer[] = [],
): Promise<void> {
  if (request.hold) await writeLive(delivery, request, state, trailers);
}

/** Writes again that what is live is live; false where nothing is. */
async function writeLive(
  delivery: Delivery,
  request: RollbackRequest,
  state: ModelState,
  trailers: readonly Trailer[],
): Promise<boolean> {
  const live = state.environments.get(request.environment)?.live?.version;
  if (live === undefined) return false;
  const { plan } = await delivery.ledger.write(request.model, (now) =>
    withTrailers(
      rollbackPlan(delivery, { ...request, expectedCurrent: live, again: trailers.length > 0 }, now, live),
      trailers,
    ),
  );
  if (plan.kind === 'refused') throw refusal(plan) satisfies UserError<Reason>;
  return plan.kind === 'write';
}

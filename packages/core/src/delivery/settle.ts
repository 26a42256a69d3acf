import type { ActionContext } from '../action/context.ts';
import { UserError } from '../action/errors.ts';
import { environmentOf, isKeptOut, versionOf } from '../ledger/assignment.ts';
import { planRollback } from '../ledger/rollback.ts';
import type { ModelState } from '../ledger/state.ts';
import { describeJournal } from '../rollout/journal.ts';
import type { Claimant, Lease, Predecessor } from '../rollout/lease.ts';
import { trafficOf } from '../rollout/effects.ts';
import { reduce } from '../rollout/reduce.ts';
import { runRollout, type Trace } from '../rollout/run.ts';
import type { Facts, KnownVersion, RolloutState } from '../rollout/state.ts';
import { servedVersion, type LiveState } from '../serving/target.ts';
import { knownVersion, type Delivery } from './delivery.ts';
import { retire, sceneOf } from './scene.ts';

/** What became of the rollout that had the environment before. */
export interface Settled {
  /** `undone`: back at what the ledger says; `finished`: a rollback went forward, and the ledger says so now. */
  readonly kind: 'nothing' | 'undone' | 'finished' | 'not-settled';
  /** Whether a rollback that names no version is done with that. */
  readonly ends: boolean;
  /** What it was to bring up. */
  readonly candidate: string | undefined;
  /** Whether that was served all along, so that nothing had to be undone. */
  readonly inPlace: boolean;
  readonly message: string;
}

/** Who wants the environment, and why a rollback that died is to be finished. */
export interface Wanting extends Pick<Claimant, 'kind' | 'force' | 'resume'> {
  readonly candidate: KnownVersion | null;
  readonly reason?: string | undefined;
}

interface Settling {
  readonly lease: Lease;
  readonly state: ModelState;
  readonly dead: RolloutState;
  readonly wanting: Wanting;
  readonly ended: (state: RolloutState) => void;
}

/** Finishes with the rollout that had the environment before: undoes a deployment, and finishes a rollback. */
export async function settle(
  { log, signal }: ActionContext,
  delivery: Delivery,
  { lease, state, dead, wanting, ended }: Settling,
): Promise<{ settled: Settled; trace: Trace }> {
  const { target } = delivery;
  const found = await target.live(signal);
  const facts = factsOf(delivery, state, dead, found);
  const begin = reduce(dead, { kind: 'resumed', ...facts });
  const scene = sceneOf(delivery, lease, state, {
    log,
    plan: (version) => (now) =>
      planRollback(now, finishing(delivery, wanting, lease.predecessor, version), new Date()),
  });
  const trace = await runRollout(begin, scene.perform, { signal, lost: lease.lost }, log);
  ended(trace.state);
  const settled = settledBy(dead, trace.state, facts, found);
  if (settled.kind === 'not-settled') log.warning(settled.message);
  else log.info(settled.message);
  if (trace.state.phase === 'lost') throw lostError(trace.state);
  // What it left half staged goes; whoever lives may still be at it. Releases stay: a rollback may want any of them next.
  if (trace.state.phase === 'untouched' && lease.predecessor?.why === 'dead') {
    const { history } = environmentOf(state, delivery.settings.environment);
    await retire(delivery, [...new Set(history.map(({ version }) => version))], log);
  }
  return { settled, trace };
}

function factsOf(
  { settings }: Delivery,
  state: ModelState,
  { candidate }: RolloutState,
  { intended, generation }: LiveState,
): Facts {
  const environment = environmentOf(state, settings.environment);
  const live = environment.live?.version;
  const record = candidate === null ? undefined : versionOf(state, candidate.version);
  const wasLive = environment.history.some(
    ({ kind, version }) => kind === 'assignment' && version === record?.version,
  );
  const isGood = record?.active === true && wasLive && !isKeptOut(state, environment, record);
  return {
    live:
      live === undefined ? null : environment.quarantined.has(live) ? undefined : knownVersion(state, live),
    earlier: isGood ? knownVersion(state, record.version) : undefined,
    set: intended[0]?.version,
    generation,
  };
}

/** What the ledger is told of a rollback that died and is finished now. */
function finishing(
  { origin, settings }: Delivery,
  { kind, reason }: Wanting,
  predecessor: Predecessor | undefined,
  version: KnownVersion | null,
): Parameters<typeof planRollback>[1] {
  const who = describeJournal(predecessor?.journal);
  return {
    ...origin,
    environment: settings.environment,
    reason: kind === 'rollback' && reason !== undefined ? reason : `Finished what had died: ${who}.`,
    to: version?.version,
    releaseQuarantine: false,
    hold: false,
    bytesPresent: () => true,
  };
}

function settledBy(dead: RolloutState, end: RolloutState, facts: Facts, found: LiveState): Settled {
  const candidate = dead.candidate?.version;
  const rollout = `The ${dead.kind === 'rollback' ? 'rollback' : 'rollout'} of ${candidate ?? 'an unknown version'} that died`;
  // A deployment is what a rollback is there to end; one that died before it moved anything has ended.
  const ends = dead.kind === 'deploy' || end.phase !== 'untouched';
  const base = { candidate, ends, inPlace: true };
  if (end.phase === 'untouched')
    return {
      ...base,
      kind: 'nothing',
      message:
        facts.live === undefined
          ? `${rollout} may have moved the traffic. What the ledger says is live is quarantined, so it is not put back.`
          : `${rollout} had not moved any traffic.`,
    };
  if (end.phase === 'recorded')
    return {
      ...base,
      kind: 'finished',
      inPlace: false,
      message: `${rollout} had moved the traffic; it is finished, and the ledger says so.`,
    };
  const to = end.stable;
  const inPlace = isInPlace(dead, found, to?.version);
  const said = dead.stable?.version;
  const other =
    said === to?.version
      ? ''
      : ` Its journal says that ${said ?? 'nothing'} was live before, which the ledger does not.`;
  const message = `${rollout} may have moved the traffic without finishing; going back to ${to?.version ?? 'serving nothing'}, as the ledger says.${other}`;
  if (end.phase === 'restored') return { ...base, kind: 'undone', inPlace, message };
  const why = (end.failure ?? end.because)?.message ?? '';
  return { ...base, kind: 'not-settled', inPlace, message: `${message} That failed: ${why}` };
}

/** Whether everybody got this version all along, also the group that a rollout tells by its header. */
export function isInPlace(dead: RolloutState, found: LiveState, version: string | undefined): boolean {
  const all = [servedVersion(found), found.intended[0]?.version];
  return trafficOf(dead).route === undefined && all.every((one) => one === version);
}

/** The error of a run that lost the environment. */
function lostError({ because }: RolloutState): UserError {
  const reason = because?.reason === 'pre-empted' ? 'pre-empted' : 'locked';
  return new UserError(reason, because?.message ?? '', { decision: 'fail' });
}

import { randomUUID } from 'node:crypto';
import { UserError, errorMessage } from '../action/errors.ts';
import type { Log } from '../action/log.ts';
import type { Claim, FoundRollout, Rollout, RolloutLock } from '../ledger/lock.ts';

/** Time between two signs of life of a running rollout. */
const HEARTBEAT_MS = 20_000;
/** A rollout without a sign of life for this long is dead; it outlasts a slow push and clocks that differ. */
export const DEAD_AFTER_MS = 120_000;
/** A sign of life that is further ahead of this machine's clock was not given by a rollout, and locks nobody out. */
const AHEAD_MS = 600_000;

/** How often to try a lock that vanishes whenever it is looked at. */
const ATTEMPTS = 5;

/** Journal step of a rollout that has not touched the traffic; any other may have. */
export const CLAIMED = 'claimed';
export const SWITCHING = 'switching';

/** Who rolls out what. */
export interface Claimant {
  readonly candidate: string;
  readonly previous?: string | undefined;
  /** URL of the workflow run, with its attempt. */
  readonly run?: string | undefined;
  readonly actor?: string | undefined;
  /** Takes the lock from whoever has it, alive or not. */
  readonly breaksLock?: boolean | undefined;
}

/** A lock that is ours until released, kept alive in the background. */
export interface HeldLock {
  /** The rollout that died holding the lock, when it was taken over. */
  readonly abandoned?: Rollout;
  /** Writes the journal: what is rolled out over what, and that the traffic may move from now on. */
  switching(candidate: string, previous: string | undefined): Promise<void>;
  /** Lets the next rollout in. Never throws: a lock that stays is found dead later. */
  release(): Promise<void>;
  /**
   * Leaves the journal behind as that of a rollout that died, for the next one to undo at once. Never throws: without
   * this word it is found dead a little later.
   */
  leave(): Promise<void>;
}

/**
 * Takes the lock of an environment, also from a rollout that died. Throws UserError `locked` with who holds it and
 * since when, while the holder is alive.
 */
export async function claimLock(
  lock: RolloutLock,
  claimant: Claimant,
  log: Pick<Log, 'info' | 'warning'>,
): Promise<HeldLock> {
  const journal: Rollout = {
    claim: randomUUID(),
    candidate: claimant.candidate,
    ...(claimant.previous === undefined ? {} : { previous: claimant.previous }),
    step: CLAIMED,
    started: new Date().toISOString(),
    heartbeat: new Date().toISOString(),
    ...(claimant.run === undefined ? {} : { run: claimant.run }),
    ...(claimant.actor === undefined ? {} : { actor: claimant.actor }),
  };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const claim = await lock.acquire(journal);
    if (claim.kind === 'held') return keepAlive(lock, claim.found, log);
    // Whoever held it let go between our push and our look.
    if (claim.kind === 'gone') continue;
    const { rollout: other } = claim.by;
    const dead = isDead(other, claimant.run, new Date());
    if (!dead && claimant.breaksLock !== true) throw lockedError(other);
    const last = `${describeRollout(other)}, last sign of life ${other.heartbeat || 'unknown'}`;
    if (dead) log.info(`Taking over from a rollout that died: ${last}.`);
    else log.warning(`Taking the lock from a rollout that may be running, as asked: ${last}.`);
    const taken = await lock.advance(claim.by, { ...journal, ...inherited(other) });
    if (taken.kind === 'held') return { ...keepAlive(lock, taken.found, log), abandoned: other };
    if (taken.kind === 'taken') throw lockedError(taken.by.rollout);
  }
  throw new UserError(
    'locked',
    'Other rollouts of this environment keep taking the lock. Give the jobs a common concurrency group, and run this one again.',
    { decision: 'fail' },
  );
}

/** Should we die too, the next one has to know what was live before the first of us. */
function inherited(other: Rollout): Partial<Rollout> {
  if (other.step === CLAIMED) return {};
  return {
    step: other.step,
    candidate: other.candidate,
    ...(other.previous === undefined ? {} : { previous: other.previous }),
  };
}

/** Whether nobody works on a rollout any more: no sign of life that can be true, or an earlier attempt of the very same run. */
export function isDead(found: Rollout, ownRun: string | undefined, now: Date): boolean {
  const age = now.getTime() - Date.parse(found.heartbeat);
  if (Number.isNaN(age) || age > DEAD_AFTER_MS || age < -AHEAD_MS) return true;
  const [theirs, ours] = [attemptOf(found.run), attemptOf(ownRun)];
  return (
    theirs !== undefined && ours !== undefined && theirs.run === ours.run && theirs.attempt < ours.attempt
  );
}

function attemptOf(run: string | undefined): { run: string; attempt: number } | undefined {
  const match = /^(.+)\/attempts\/(\d+)$/.exec(run ?? '');
  return match?.[1] === undefined ? undefined : { run: match[1], attempt: Number(match[2]) };
}

function lockedError(holder: Rollout): UserError<'locked'> {
  return new UserError(
    'locked',
    `Another rollout holds the lock: ${describeRollout(holder)}. Wait for it to end, or cancel it. When it is dead, it counts as such ${DEAD_AFTER_MS / 1000} s after its last sign of life (${holder.heartbeat}); run this job again then. A rollback with 'break-lock: true' does not wait for it.`,
    { decision: 'fail' },
  );
}

function describeRollout({ candidate, actor, started, run, step }: Rollout): string {
  const who = actor === undefined ? '' : ` by ${actor}`;
  const where = run === undefined ? '' : ` in ${run}`;
  return `${candidate}${who} since ${started}${where} (${step})`;
}

function keepAlive(lock: RolloutLock, first: FoundRollout, log: Pick<Log, 'info' | 'warning'>): HeldLock {
  let held = first;
  let queue: Promise<unknown> = Promise.resolve();
  /** One push after the other: each has to name the journal it replaces. */
  const inTurn = <T>(body: () => Promise<T>): Promise<T> => {
    const next = queue.then(body, body);
    queue = next.catch(() => undefined);
    return next;
  };
  const advance = (change: (rollout: Rollout) => Rollout, heartbeat = Date.now()): Promise<void> =>
    inTurn(async () => {
      const rollout = { ...change(held.rollout), heartbeat: new Date(heartbeat).toISOString() };
      held = stillOurs(await lock.advance(held, rollout));
    });
  const timer = setInterval(() => {
    advance((rollout) => rollout).catch((error: unknown) => {
      log.warning(`The rollout lock could not be renewed: ${errorMessage(error)}`);
    });
  }, HEARTBEAT_MS);
  timer.unref();
  /** The last word on the lock: whatever happens to it, the rollout is over. */
  const finish = async (what: string, body: () => Promise<unknown>): Promise<void> => {
    clearInterval(timer);
    try {
      await body();
    } catch (error) {
      log.warning(
        `The rollout lock could not be ${what}: ${errorMessage(error)} The next rollout takes it over after ${DEAD_AFTER_MS / 1000} s.`,
      );
    }
  };
  return {
    switching: (candidate, previous) =>
      advance(({ previous: _before, ...rollout }) => ({
        ...rollout,
        candidate,
        ...(previous === undefined ? {} : { previous }),
        step: SWITCHING,
      })),
    release: () => finish('removed', () => inTurn(() => lock.release(held))),
    leave: () => finish('left', () => advance((rollout) => rollout, Date.now() - DEAD_AFTER_MS - 1000)),
  };
}

function stillOurs(claim: Claim): FoundRollout {
  if (claim.kind === 'held') return claim.found;
  const who =
    claim.kind === 'taken'
      ? `Another rollout took it over: ${describeRollout(claim.by.rollout)}.`
      : 'Somebody removed it.';
  throw new UserError('locked', `The rollout lock is not ours any more. ${who} This rollout stops.`, {
    decision: 'fail',
  });
}

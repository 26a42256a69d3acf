import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { UserError, errorMessage } from '../action/errors.ts';
import type { Log } from '../action/log.ts';
import { pause } from '../action/retry.ts';
import type { Fence } from '../serving/target.ts';
import { LeaseLostError, type Claim, type FoundLock, type Leased, type RolloutLock } from '../ledger/lock.ts';
import { describeJournal, readJournal, unreadable, writeJournal, type Journal } from './journal.ts';
import { isKnownDead, thisProcess } from './owner.ts';
import type { Kind, RolloutState } from './state.ts';

/** Time between two signs of life of a running rollout. */
const SIGN_EVERY_MS = 20_000;
/** So many signs have to be missing before a rollout counts as dead; it outlasts a slow push. */
const MISSING_SIGNS = 3;
/** No journal, whatever it says, has anybody watch for a shorter or longer time between two signs. */
const SHORTEST_MS = 500;

/** What the journal says since a shorter time than this need not be written again before the traffic is moved. */
const JUST_MS = 2_000;

/** How often to try a lock that vanishes whenever it is looked at. */
const ATTEMPTS = 5;

/** Who wants an environment. */
export interface Claimant {
  readonly kind: Kind;
  /** URL of the workflow run, with its attempt. */
  readonly run?: string | undefined;
  readonly actor?: string | undefined;
  /** Takes the environment from whoever has it, alive or not. */
  readonly force: boolean;
  /** Goes on with a rollout that is paused. */
  readonly resume?: boolean;
}

/** The run that had the environment before. */
export interface Predecessor {
  /** undefined: its journal cannot be read. */
  readonly journal: Journal | undefined;
  readonly why: 'dead' | 'pre-empted' | 'forced' | 'resumed';
  /** One sentence. */
  readonly message: string;
}

/** An environment that is ours until it is released, kept so in the background. */
export interface Lease {
  readonly predecessor?: Predecessor;
  /** What the target is told of whose move it is. */
  readonly fence: Fence;
  /** Ends with LeaseLostError when somebody else has the environment. */
  readonly lost: AbortSignal;
  /**
   * Has the fence be above what the target has seen: others had the environment between the look at the target and the claim. Throws
   * UserError `locked` when the environment is not ours any more.
   */
  outnumber(seen: number): Promise<void>;
  /** Writes the journal. Throws LeaseLostError when the environment is not ours any more. */
  save(state: RolloutState): Promise<void>;
  /** Does a write that removes the lock itself when it returns true; no sign of life is given meanwhile. */
  spend<T>(write: (leased: Leased) => Promise<{ readonly gone: boolean; readonly result: T }>): Promise<T>;
  /** Whether a write removed the lock. */
  isSpent(): boolean;
  /** Lets the next rollout in. Never throws: a lock that stays is found dead later. */
  release(): Promise<void>;
  /** Leaves the journal for the next run to settle, which need not wait; returns whether it is there. Never throws. */
  leave(state: RolloutState): Promise<boolean>;
}

interface ClaimingStep {
  /** The highest fence that the target has seen: a lock that was removed begins anew, and the target does not. */
  readonly seen: number;
  readonly log: Pick<Log, 'info' | 'warning'>;
  readonly signal: AbortSignal;
}

/**
 * Takes an environment, also from a run that died; a rollback takes it from a deployment whether that lives or not. Throws
 * UserError `locked` with who has it and since when.
 */
export async function claimLease(
  lock: RolloutLock,
  claimant: Claimant,
  state: RolloutState,
  { seen, log, signal }: ClaimingStep,
): Promise<Lease> {
  const journal = await firstJournal(claimant, state, seen);
  const { owner } = journal;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const claim = await lock.acquire(writeJournal(journal));
    if (claim.kind === 'held') return keep(lock, journal, claim.commit, log);
    // Whoever held it let go between our push and our look.
    if (claim.kind === 'gone') continue;
    const predecessor = await predecessorOf(lock, claim.by, { claimant, owner, log, signal });
    // It let go or gave a sign of life while it was watched.
    if (predecessor === 'gone') continue;
    const { journal: other } = predecessor;
    // Should we die too, the next one has to know what is to be settled.
    const rollout = other?.rollout ?? unreadable(state);
    const fence = Math.max(seen, other?.fence ?? 0) + 1;
    const mine = { ...journal, fence, rollout };
    const taken = await lock.advance(claim.by.commit, writeJournal(mine));
    if (taken.kind === 'taken') throw lockedError(taken.by);
    if (taken.kind === 'gone') continue;
    if (predecessor.why === 'dead' || predecessor.why === 'resumed') log.info(predecessor.message);
    else log.warning(predecessor.message);
    return Object.assign(keep(lock, mine, taken.commit, log), { predecessor });
  }
  throw new UserError(
    'locked',
    'Other rollouts of this environment keep taking the lock. Give the jobs a common concurrency group, and run this one again.',
    { decision: 'fail' },
  );
}

/**
 * Takes an environment with the journal of a rollout that was decided on before; `take` writes it where nobody has the environment
 * and nothing has changed since. Undefined when that was not so.
 */
export async function claimDecided(
  lock: RolloutLock,
  take: (content: unknown) => Promise<string | undefined>,
  claimant: Claimant,
  state: RolloutState,
  { seen, log }: Pick<ClaimingStep, 'seen' | 'log'>,
): Promise<Lease | undefined> {
  const journal = await firstJournal(claimant, state, seen);
  const commit = await take(writeJournal(journal));
  return commit === undefined ? undefined : keep(lock, journal, commit, log);
}

async function firstJournal(
  { kind, run, actor }: Claimant,
  rollout: RolloutState,
  seen: number,
): Promise<Omit<Journal, 'schema'>> {
  const process = await thisProcess();
  return {
    owner: {
      id: randomUUID(),
      kind,
      ...(run === undefined ? {} : { run }),
      ...(actor === undefined ? {} : { actor }),
      ...(process === undefined ? {} : { process }),
    },
    fence: seen + 1,
    signs: 0,
    every: SIGN_EVERY_MS,
    since: new Date().toISOString(),
    rollout,
  };
}

interface Claiming {
  readonly claimant: Claimant;
  readonly owner: Omit<Journal['owner'], 'id'>;
  readonly log: Pick<Log, 'info'>;
  readonly signal: AbortSignal;
}

/** Who has the lock, when it may be taken. */
async function predecessorOf(
  lock: RolloutLock,
  found: FoundLock,
  { claimant, owner, log, signal }: Claiming,
): Promise<Predecessor | 'gone'> {
  const journal = readJournal(found.content);
  const who = describeJournal(journal);
  if (journal?.rollout.phase === 'paused' && claimant.kind === 'deploy' && !claimant.force) {
    if (claimant.resume !== true) throw pausedError(journal);
    return { journal, why: 'resumed', message: `Going on with ${who}.` };
  }
  if (journal !== undefined && (await isKnownDead(journal, owner)))
    return { journal, why: 'dead', message: `Taking over from a rollout that died: ${who}.` };
  if (claimant.force)
    return {
      journal,
      why: 'forced',
      message: `Taking the lock from a rollout that may be running, as asked: ${who}.`,
    };
  if (claimant.kind === 'rollback' && journal?.owner.kind !== 'rollback')
    return {
      journal,
      why: 'pre-empted',
      message: `Pre-empting a rollout, because a rollback goes first: ${who}.`,
    };
  log.info(`Watching whether a rollout lives that holds the lock: ${who}.`);
  const seen = await watch(lock, found, Math.min(journal?.every ?? SIGN_EVERY_MS, SIGN_EVERY_MS), signal);
  if (seen === 'alive') throw lockedError(found);
  if (seen === 'gone') return 'gone';
  return { journal, why: 'dead', message: `Taking over from a rollout that died: ${who}.` };
}

/**
 * Whether a lock changes while it is watched, by this machine's own clock, which only measures how long: no two clocks are
 * compared.
 */
async function watch(
  lock: RolloutLock,
  found: FoundLock,
  everyMs: number,
  signal: AbortSignal,
): Promise<'alive' | 'dead' | 'gone'> {
  const every = Math.max(SHORTEST_MS, everyMs);
  const end = performance.now() + MISSING_SIGNS * every;
  while (performance.now() < end) {
    await pause(every / 4, signal);
    const tip = await lock.tip();
    if (tip === undefined) return 'gone';
    if (tip !== found.commit) return 'alive';
  }
  return 'dead';
}

function pausedError(journal: Journal): UserError<'locked'> {
  return new UserError(
    'locked',
    `A rollout of this environment is paused: ${describeJournal(journal)}. Set 'resume: true' to go on with it, or end it by the rollback action, which goes back to what is live by the ledger; 'force: true' does the same and deploys this version.`,
    { decision: 'fail' },
  );
}

function lockedError(by: FoundLock | undefined): UserError<'locked'> {
  return new UserError(
    'locked',
    `Another rollout holds the lock: ${describeJournal(readJournal(by?.content))}. Wait for it to end, or cancel it, and run this job again. A rollback does not wait for a deployment; 'force: true' takes the lock from any rollout.`,
    { decision: 'fail' },
  );
}

function keep(
  lock: RolloutLock,
  first: Omit<Journal, 'schema'>,
  commit: string,
  log: Pick<Log, 'warning'>,
): Lease {
  let held = commit;
  let journal = first;
  let writtenAt = performance.now();
  let over = false;
  const losing = new AbortController();
  let queue: Promise<unknown> = Promise.resolve();
  /** One push after the other: each has to name the journal it replaces. */
  const inTurn = <T>(body: () => Promise<T>): Promise<T> => {
    const next = queue.then(body, body);
    queue = next.catch(() => undefined);
    return next;
  };
  const write = (change: Partial<Journal>): Promise<void> =>
    inTurn(async () => {
      if (over) return;
      losing.signal.throwIfAborted();
      const next = { ...journal, ...change, signs: journal.signs + 1 };
      held = stillOurs(await lock.advance(held, writeJournal(next)), losing);
      journal = next;
      writtenAt = performance.now();
    });
  /** To write it again would prove no more: nobody takes an environment from its owner and comes to move traffic so soon. */
  const isJustSaid = (rollout: RolloutState): boolean =>
    performance.now() - writtenAt < JUST_MS && isDeepStrictEqual(rollout, journal.rollout);
  const timer = setInterval(() => {
    write({}).catch((error: unknown) => {
      if (!(error instanceof LeaseLostError))
        log.warning(`The rollout lock could not be renewed: ${errorMessage(error)}`);
    });
  }, SIGN_EVERY_MS);
  timer.unref();
  /** The last word on the lock: whatever happens to it, the rollout is over. */
  const finish = async (what: string, body: () => Promise<unknown>): Promise<boolean> => {
    clearInterval(timer);
    try {
      await body();
      return true;
    } catch (error) {
      if (error instanceof LeaseLostError) return false;
      log.warning(
        `The rollout lock could not be ${what}: ${errorMessage(error)} The next rollout takes it over when it has watched it for ${(MISSING_SIGNS * SIGN_EVERY_MS) / 1000} s.`,
      );
      return false;
    }
  };
  return {
    get fence() {
      return { number: journal.fence, owner: first.owner.id };
    },
    outnumber: async (seen) => {
      try {
        await write({ fence: seen + 1 });
      } catch (error) {
        throw error instanceof LeaseLostError ? lockedError(error.by) : error;
      }
    },
    lost: losing.signal,
    save: async (rollout) => {
      losing.signal.throwIfAborted();
      if (!isJustSaid(rollout)) await write({ rollout });
    },
    spend: (body) =>
      inTurn(async () => {
        losing.signal.throwIfAborted();
        try {
          const { gone, result } = await body({ ref: lock.ref, commit: held });
          over ||= gone;
          return result;
        } catch (error) {
          if (error instanceof LeaseLostError) losing.abort(error);
          throw error;
        }
      }),
    isSpent: () => over,
    release: async () => {
      await finish('removed', () => inTurn(async () => (over ? undefined : await lock.release(held))));
    },
    leave: (rollout) => finish('left', () => write({ rollout, left: true })),
  };
}

function stillOurs(claim: Claim, losing: AbortController): string {
  if (claim.kind === 'held') return claim.commit;
  const error = new LeaseLostError(claim.kind === 'taken' ? claim.by : undefined);
  losing.abort(error);
  throw error;
}

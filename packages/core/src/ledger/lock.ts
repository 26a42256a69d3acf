import * as z from 'zod/mini';
import { UserError } from '../action/errors.ts';
import type { RemoteAccess } from './remote.ts';
import { remoteError } from './refused.ts';
import { Scratch } from './scratch.ts';

const FILE = 'rollout.json';

const rolloutSchema = z.looseObject({
  /** Random id of the run that holds the lock. */
  claim: z.string(),
  candidate: z.string(),
  /** The version that was live when the rollout began; absent for a first deployment. */
  previous: z.optional(z.string()),
  /** What the rollout is doing. */
  step: z.string(),
  /** ISO 8601. */
  started: z.string(),
  heartbeat: z.string(),
  /** URL of the workflow run. */
  run: z.optional(z.string()),
  /** Who started it. */
  actor: z.optional(z.string()),
});

/** The journal of a running rollout, as `rollout.json` in the lock's commit. */
export type Rollout = z.infer<typeof rolloutSchema>;

/** A journal as it was found; `commit` proves which one when it is advanced. */
export interface FoundRollout {
  readonly rollout: Rollout;
  readonly commit: string;
}

/** The lock is ours, or somebody else has it, or the one to be advanced was removed. */
export type Claim =
  | { readonly kind: 'held'; readonly found: FoundRollout }
  | { readonly kind: 'taken'; readonly by: FoundRollout }
  | { readonly kind: 'gone' };

/** With the time that a push gets, less than the runner gives a cancelled step. */
const GRACE_MS = 2_000;

/** The lock and journal of one environment's rollouts: `refs/sluice/rollouts/<model>/<environment>`. */
export interface RolloutLock {
  /** The rollout that is running or died, if any. */
  read(): Promise<FoundRollout | undefined>;
  /** Takes the lock if nobody has it. */
  acquire(rollout: Rollout): Promise<Claim>;
  /** Replaces the journal if it is still the one found: the next step of our own, or taking over a dead one. */
  advance(from: FoundRollout, rollout: Rollout): Promise<Claim>;
  /** Removes the lock if it is still the one found; false when somebody else has taken it over. */
  release(from: FoundRollout): Promise<boolean>;
}

/**
 * The rollout lock of a model's environment. Names must have passed `parseName`. A cancellation leaves each operation
 * some seconds, also those that begin after it: a run that was cancelled still has to restore and let go.
 */
export function rolloutLock(
  access: RemoteAccess,
  model: string,
  environment: string,
  signal?: AbortSignal,
): RolloutLock {
  const ref = `refs/sluice/rollouts/${model}/${environment}`;
  const within = <T>(body: (scratch: Scratch) => Promise<T>): Promise<T> =>
    withGrace(signal, (ending) => Scratch.use(access, ending, body));

  const replace = (rollout: Rollout, from: FoundRollout | undefined): Promise<Claim> =>
    within(async (scratch) => {
      const before = await readLock(scratch, ref);
      if (before?.commit !== from?.commit) return lost(before);
      const commit = await writeJournal(scratch, rollout, before);
      const result = await scratch.push([
        { ref, object: commit, ...(from === undefined ? {} : { expected: from.commit }) },
      ]);
      if (result.kind === 'pushed') return { kind: 'held', found: { rollout, commit } };
      const after = await readLock(scratch, ref);
      // The answer can get lost after the server has done the work.
      if (after?.commit === commit) return { kind: 'held', found: after };
      if (after?.commit === from?.commit) throw remoteError(access, 'write', result.stderr);
      return lost(after);
    });

  return {
    read: () => within((scratch) => readLock(scratch, ref)),
    acquire: (rollout) => replace(rollout, undefined),
    advance: (from, rollout) => replace(rollout, from),
    release: (from) =>
      within(async (scratch) => {
        const before = await readLock(scratch, ref);
        if (before?.commit !== from.commit) return false;
        const result = await scratch.push([{ ref, expected: from.commit }]);
        if (result.kind === 'pushed') return true;
        const after = await readLock(scratch, ref);
        if (after?.commit === from.commit) throw remoteError(access, 'write', result.stderr);
        return after === undefined;
      }),
  };
}

/** Runs `body` with a signal that ends a little after the given one, or after now when that has ended. */
async function withGrace<T>(
  signal: AbortSignal | undefined,
  body: (ending: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => ending.abort(signal?.reason), GRACE_MS);
  };
  if (signal?.aborted === true) begin();
  else signal?.addEventListener('abort', begin, { once: true });
  try {
    return await body(ending.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', begin);
  }
}

function lost(by: FoundRollout | undefined): Claim {
  return by === undefined ? { kind: 'gone' } : { kind: 'taken', by };
}

async function readLock(scratch: Scratch, ref: string): Promise<FoundRollout | undefined> {
  await scratch.fetch([ref]);
  const rows = await scratch.refs([ref], ['refname', 'objectname']);
  const commit = rows.find(([name]) => name === ref)?.[1];
  if (commit === undefined) return undefined;
  return { commit, rollout: await readJournal(scratch, commit, ref) };
}

async function readJournal(scratch: Scratch, commit: string, ref: string): Promise<Rollout> {
  try {
    return z.parse(rolloutSchema, JSON.parse(await scratch.show(commit, FILE)));
  } catch (error) {
    throw new UserError(
      'bad-config',
      `${ref} does not hold a rollout journal that this version of Sluice can read. When no rollout is running, remove it: git push origin :${ref}`,
      { cause: error },
    );
  }
}

async function writeJournal(
  scratch: Scratch,
  rollout: Rollout,
  before: FoundRollout | undefined,
): Promise<string> {
  const tree = await scratch.writeTree(FILE, `${JSON.stringify(rollout, null, 2)}\n`);
  return scratch.writeCommit(
    tree,
    before === undefined ? [] : [before.commit],
    new Date(rollout.heartbeat),
    `${rollout.candidate}: ${rollout.step}\n`,
  );
}

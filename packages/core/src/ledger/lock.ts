import * as z from 'zod/mini';
import { parseJson } from '../action/json.ts';
import { oneLine } from './message.ts';
import type { RemoteAccess } from './remote.ts';
import { remoteError } from './refused.ts';
import { Scratch } from './scratch.ts';

const FILE = 'rollout.json';

/** Longer texts in a journal were not written by a rollout. */
const LONGEST_TEXT = 500;
const line = z.pipe(z.string().check(z.maxLength(LONGEST_TEXT)), z.transform(oneLine));

const rolloutSchema = z.object({
  /** Random id of the run that holds the lock. */
  claim: line,
  candidate: line,
  /** The version that was live when the rollout began; absent for a first deployment. */
  previous: z.optional(line),
  /** What the rollout is doing. */
  step: line,
  /** ISO 8601. */
  started: line,
  heartbeat: line,
  /** URL of the workflow run. */
  run: z.optional(line),
  /** Who started it. */
  actor: z.optional(line),
});

/**
 * The journal of a running rollout, as `rollout.json` in the lock's commit. Nothing protects the ref, so whoever may push
 * may have written it: it is a hint, and what is restored is what the ledger says.
 */
export type Rollout = z.infer<typeof rolloutSchema>;

/** What is known of a rollout whose journal says nothing: no sign of life, and the traffic may have moved. */
const UNREADABLE: Rollout = {
  claim: '',
  candidate: 'an unknown version',
  step: 'unreadable',
  started: 'an unknown time',
  heartbeat: '',
};

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
    withGrace(signal, (ending) => Scratch.useAlone(access, ending, body));

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
  return { commit, rollout: await readJournal(scratch, commit) };
}

async function readJournal(scratch: Scratch, commit: string): Promise<Rollout> {
  const text = await scratch.show(commit, FILE);
  const read = rolloutSchema.safeParse(text === undefined ? undefined : parseJson(text));
  return read.success ? read.data : UNREADABLE;
}

async function writeJournal(
  scratch: Scratch,
  rollout: Rollout,
  before: FoundRollout | undefined,
): Promise<string> {
  // Whoever may push may have put something else there than a commit.
  const parent =
    before && (await scratch.ask('rev-parse', '--verify', '--quiet', `${before.commit}^{commit}`));
  const tree = await scratch.writeTree(FILE, `${JSON.stringify(rollout, null, 2)}\n`);
  return scratch.writeCommit(
    tree,
    parent === undefined ? [] : [parent],
    new Date(rollout.heartbeat),
    `${rollout.candidate}: ${rollout.step}\n`,
  );
}

import { parseJson } from '../action/json.ts';
import { withGrace } from './grace.ts';
import type { RemoteAccess } from './remote.ts';
import { isRefLock } from './race.ts';
import { remoteError } from './refused.ts';
import { Scratch } from './scratch.ts';

const FILE = 'rollout.json';

/** A document as it was found in a lock; `commit` proves which one when it is replaced. */
export interface FoundLock {
  readonly commit: string;
  /** What the document says; undefined for what is no JSON. Whoever may push may have written it. */
  readonly content: unknown;
}

/** The lock is ours, or somebody else has it, or the one to be replaced was removed. */
export type Claim =
  | { readonly kind: 'held'; readonly commit: string }
  | { readonly kind: 'taken'; readonly by: FoundLock }
  | { readonly kind: 'gone' };

/** The ref of a lock that is ours, and the commit that it has to have for that. */
export interface Leased {
  readonly ref: string;
  readonly commit: string;
}

/** Thrown when a write asked for a lease that is somebody else's now, or nobody's. Nothing was written. */
export class LeaseLostError extends Error {
  readonly by: FoundLock | undefined;
  constructor(by: FoundLock | undefined) {
    super('the lease of the environment is lost');
    this.name = 'LeaseLostError';
    this.by = by;
  }
}

/** With the time that a push gets, less than the runner gives a cancelled step. */
const GRACE_MS = 2_000;

/** The lock of one environment's rollouts, which holds a document: `refs/sluice/rollouts/<model>/<environment>`. */
export interface RolloutLock {
  readonly ref: string;
  read(): Promise<FoundLock | undefined>;
  /** The commit that the lock has now, without its document. */
  tip(): Promise<string | undefined>;
  /** Takes the lock if nobody has it. */
  acquire(content: unknown): Promise<Claim>;
  /** Replaces the document if it is still the one found: our own, or that of another owner. */
  advance(from: string, content: unknown): Promise<Claim>;
  /** Removes the lock if it is still the one found; false when somebody else has it. */
  release(from: string): Promise<boolean>;
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
  const config = withoutNegotiation(access);
  const within = <T>(body: (scratch: Scratch) => Promise<T>): Promise<T> =>
    withGrace(signal, GRACE_MS, (ending) => Scratch.useAlone({ ...access, config }, ending, body));

  const replace = (content: unknown, from: string | undefined): Promise<Claim> =>
    within(async (scratch) => {
      const commit = await writeDocument(scratch, content);
      const result = await scratch.push([
        { ref, object: commit, ...(from === undefined ? {} : { expected: from }) },
      ]);
      if (result.kind === 'pushed') return { kind: 'held', commit };
      const after = await readLock(scratch, ref);
      // The answer can get lost after the server has done the work.
      if (after?.commit === commit) return { kind: 'held', commit };
      // Whoever held it when we pushed let go before we looked.
      if (after === undefined && isRefLock(result.stderr)) return { kind: 'gone' };
      if (after?.commit === from) throw remoteError(access, 'write', result.stderr);
      return after === undefined ? { kind: 'gone' } : { kind: 'taken', by: after };
    });

  return {
    ref,
    read: () => within((scratch) => readLock(scratch, ref)),
    tip: () => within((scratch) => scratch.tip(ref)),
    acquire: (content) => replace(content, undefined),
    advance: (from, content) => replace(content, from),
    release: (from) =>
      within(async (scratch) => {
        const result = await scratch.push([{ ref, expected: from }]);
        if (result.kind === 'pushed') return true;
        const after = await scratch.tip(ref);
        if (after === from) throw remoteError(access, 'write', result.stderr);
        return after === undefined;
      }),
  };
}

/** The configuration for pushing a lock: a commit without parents has nothing that the remote could have already. */
export function withoutNegotiation({ config }: RemoteAccess): RemoteAccess['config'] {
  return config.filter(([key]) => key !== 'push.negotiate');
}

/** Writes the commit of a lock with a document, and returns its id. */
export async function writeDocument(scratch: Scratch, content: unknown): Promise<string> {
  const tree = await scratch.writeTree(FILE, `${JSON.stringify(content, null, 2)}\n`);
  // Without a parent: nobody needs the history of signs of life.
  return scratch.writeCommit(tree, [], new Date(), 'Rollout\n');
}

/** The lock as the remote has it. */
export async function readLock(scratch: Scratch, ref: string): Promise<FoundLock | undefined> {
  await scratch.fetch([ref]);
  const rows = await scratch.refs([ref], ['refname', 'objectname']);
  const commit = rows.find(([name]) => name === ref)?.[1];
  if (commit === undefined) return undefined;
  const text = await scratch.show(commit, FILE);
  return { commit, content: text === undefined ? undefined : parseJson(text) };
}

import { randomUUID } from 'node:crypto';
import { UserError, errorMessage } from '../action/errors.ts';
import type { Log } from '../action/log.ts';
import { runGit } from './git.ts';
import { withGrace } from './grace.ts';
import { LeaseLostError, readLock, type Leased, type RolloutLock } from './lock.ts';
import { addTrailer } from './message.ts';
import type { Plan, PlannedTag, Refusal } from './plan.ts';
import { ATTEMPTS, NETWORK_ATTEMPTS, isRefLock, pauseAtRandom } from './race.ts';
import { isTransient, remoteError } from './refused.ts';
import { findRemote, type RemoteAccess, type RemoteOptions } from './remote.ts';
import { Scratch } from './scratch.ts';
import { deriveState } from './derive-state.ts';
import type { LedgerTag, ModelState } from './state.ts';
import type { StoredTag } from './tag-objects.ts';
import { survey, type Survey } from './survey.ts';
import { KnownTags, readTags } from './tags.ts';

/** What ends a rollout is not cut short by a cancellation, which the runner lets pass for 7.5 s. */
const LEASED_GRACE_MS = 4_000;

/** The plan that was carried out, and the ledger afterwards. */
export interface WriteResult<Reason extends Refusal = Refusal> {
  readonly plan: Plan<Reason>;
  readonly state: ModelState;
}

/** The ledger of a checkout's remote. */
export interface Ledger {
  /** Access to the remote, for the rollout lock. */
  readonly access: RemoteAccess;
  /** Full id of the commit that is checked out. Throws `bad-config` when there is none yet. */
  head(): Promise<string>;
  /** What the tags on the remote say about a model. */
  read(model: string): Promise<ModelState>;
  /**
   * As `read`, and whether an environment's lock is taken, in one command. Gives `body` undefined where that cannot be had at once:
   * then the one is to be read and the other to be taken.
   */
  survey<T>(
    model: string,
    lock: Pick<RolloutLock, 'ref'>,
    body: (found: Survey | undefined) => Promise<T>,
  ): Promise<T>;
  /**
   * Reads the state, asks `plan` what to write, and writes it in one atomic push. When somebody else wrote first,
   * all of it is done again with the new state; so a plan must hold for any state. Throws UserError
   * `no-permission`, `service-unavailable` or `timeout`; nothing is written then. With a lease, the push also removes its
   * ref, and all of it or nothing is done: LeaseLostError when it is not ours any more, and UnansweredPushError when the
   * push got no answer and the ledger cannot be read.
   */
  write<Reason extends Refusal>(
    model: string,
    plan: (state: ModelState) => Plan<Reason>,
    leased?: Leased,
  ): Promise<WriteResult<Reason>>;
}

/** A push got no answer, and nothing could be read afterwards: it may have been taken. `cause` is what reading met. */
export class UnansweredPushError extends Error {
  constructor(cause: unknown) {
    super(`The push got no answer, and whether it arrived could not be read. ${errorMessage(cause)}`, {
      cause,
    });
    this.name = 'UnansweredPushError';
  }
}

export interface LedgerOptions extends RemoteOptions {
  readonly log: Log;
}

/** Opens the ledger of the checkout that `directory` belongs to. */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const access = await findRemote(options);
  const { signal, log } = options;
  const known = new KnownTags();
  return {
    access,
    head: () => headOf(access, signal),
    read: (model) =>
      Scratch.use(access, signal, async (scratch) =>
        deriveState(model, await readTags(scratch, model, log, known)),
      ),
    survey: (model, lock, body) =>
      survey(access, { model, lock, signal, remember: (tags) => known.add(tags) }, body),
    write: (model, plan, leased) => {
      const write = (ending: AbortSignal | undefined) =>
        Scratch.use(access, ending, (scratch) =>
          writePlan(scratch, { access, model, plan, leased, signal: ending, log, known }),
        );
      return leased === undefined ? write(signal) : withGrace(signal, LEASED_GRACE_MS, write);
    },
  };
}

async function headOf(access: RemoteAccess, signal: AbortSignal | undefined): Promise<string> {
  const { code, stdout } = await runGit(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], {
    repository: access.repository,
    signal,
  });
  if (code === 0) return stdout.trim();
  throw new UserError(
    'bad-config',
    `The repository at ${access.top} has no commit checked out, and a version is registered at a commit. Commit first.`,
  );
}

interface Writing<Reason extends Refusal> {
  readonly access: RemoteAccess;
  readonly model: string;
  readonly plan: (state: ModelState) => Plan<Reason>;
  readonly leased: Leased | undefined;
  readonly signal: AbortSignal | undefined;
  readonly log: Log;
  readonly known: KnownTags;
}

async function writePlan<Reason extends Refusal>(
  scratch: Scratch,
  writing: Writing<Reason>,
): Promise<WriteResult<Reason>> {
  const { leased } = writing;
  const head = `refs/sluice/ledger/${writing.model}`;
  let [expected, tags] = await readForWriting(scratch, head, writing);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const state = deriveState(writing.model, tags);
    const plan = writing.plan(state);
    if (plan.kind !== 'write') return { plan, state };
    const created = await createTags(scratch, plan.tags);
    writing.log.info(`Pushing ${created.map((t) => t.name).join(', ')}.`);
    const pushed = await scratch.push([
      ...created.map((t) => ({ ref: `refs/tags/${t.name}`, object: t.object })),
      { ref: head, object: created.at(-1)?.object ?? '', ...(expected === undefined ? {} : { expected }) },
      ...(leased === undefined ? [] : [{ ref: leased.ref, expected: leased.commit }]),
    ]);
    if (pushed.kind === 'pushed') return written(writing, plan, tags, created);
    [expected, tags] = await readAfterPush(scratch, head, writing);
    const objects = new Map(tags.map((t) => [t.name, t.object]));
    // The answer can get lost after the server has done the work.
    if (created.every((t) => objects.get(t.name) === t.object)) return written(writing, plan, tags, []);
    if (leased !== undefined) await requireLease(scratch, leased);
    const raced = created.some((t) => objects.has(t.name)) || isRefLock(pushed.stderr);
    const passing = isTransient(pushed.stderr) && attempt <= NETWORK_ATTEMPTS;
    if (!raced && !passing) throw remoteError(writing.access, 'write', pushed.stderr);
    writing.log.debug(`The push did not get through; reading the ledger again (${attempt}).`);
    await pauseAtRandom(attempt, writing.signal);
  }
  throw new UserError(
    'service-unavailable',
    `Others kept writing to the ledger of ${writing.model}; gave up after ${ATTEMPTS} attempts. Give the jobs a common concurrency group, and run this one again.`,
  );
}

/** As `readForWriting`, when a push with a lease may have been taken: then not being able to read means not to know. */
async function readAfterPush(
  scratch: Scratch,
  head: string,
  writing: Pick<Writing<Refusal>, 'model' | 'leased' | 'log' | 'known'>,
): Promise<[string | undefined, StoredTag[]]> {
  try {
    return await readForWriting(scratch, head, writing);
  } catch (error) {
    throw writing.leased === undefined ? error : new UnansweredPushError(error);
  }
}

async function requireLease(scratch: Scratch, { ref, commit }: Leased): Promise<void> {
  if ((await scratch.tip(ref)) !== commit) throw new LeaseLostError(await readLock(scratch, ref));
}

/**
 * The model's head ref and its tags, in this order: a write between the two makes the head stale, never the tags. Names
 * of tags alone do not keep writers apart: an assignment and a rollback of one moment have different ones.
 */
async function readForWriting(
  scratch: Scratch,
  head: string,
  { model, log, known }: Pick<Writing<Refusal>, 'model' | 'log' | 'known'>,
): Promise<[string | undefined, StoredTag[]]> {
  const listing = await scratch.ask('ls-remote', '--quiet', '--refs', 'origin', head);
  const line = listing?.split('\n').find((row) => row.endsWith(`\t${head}`));
  return [line?.split('\t', 1)[0], await readTags(scratch, model, log, known)];
}

function written<Reason extends Refusal>(
  { model }: Writing<Reason>,
  plan: Plan<Reason>,
  before: readonly LedgerTag[],
  created: readonly LedgerTag[],
): WriteResult<Reason> {
  return { plan, state: deriveState(model, [...before, ...created]) };
}

async function createTags(scratch: Scratch, planned: readonly PlannedTag[]): Promise<StoredTag[]> {
  const created: StoredTag[] = [];
  for (const { name, target, time, ...plan } of planned) {
    // Two writers with the same wish in the same second would make one object, and both believe that they wrote it.
    const message = addTrailer(plan.message, 'Write-Id', randomUUID());
    const commit =
      target.kind === 'commit'
        ? target.commit
        : await scratch.writeCommit(
            await scratch.treeOf(target.commit),
            [target.commit],
            time,
            `Carry ${name}\n\nThe commit before carries another version already; the files are the same.\n`,
          );
    const object = await scratch.writeTag(name, commit, time, message);
    created.push({ name, object, commit, time, tagger: 'Sluice', message });
  }
  return created;
}

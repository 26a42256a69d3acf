import * as z from 'zod/mini';
import { UserError } from '../action/errors.ts';
import { ATTEMPTS, NETWORK_ATTEMPTS, isRefLock, pauseAtRandom } from './race.ts';
import { isTransient, remoteError } from './refused.ts';
import type { RemoteAccess } from './remote.ts';
import { Scratch } from './scratch.ts';

const FILE = 'evaluations.json';

/** More are not listed, so that the file stays small; no budget may be larger. */
export const MOST_EVALUATIONS = 1000;

const SHA256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

const usesSchema = z.looseObject({
  evaluations: z
    .array(
      z.looseObject({
        /** sha256 of the model, or of what else was judged. */
        candidate: SHA256,
        /** When its verdict was shown first, ISO 8601. */
        at: z.iso.datetime(),
        /** Whether a condition with adaptivity first-change accepted it. */
        accepted: z.optional(z.literal(true)),
      }),
    )
    .check(z.maxLength(MOST_EVALUATIONS)),
});

/** A candidate whose verdict on a test set was shown. */
export type Evaluation = z.infer<typeof usesSchema>['evaluations'][number];

/**
 * Which candidates a test set has judged, in the order in which they came, whatever their model is called:
 * `refs/sluice/test-sets/<digest of the test set>`.
 */
export interface TestSetUses {
  read(): Promise<readonly Evaluation[]>;
  /**
   * Adds an evaluation unless its candidate is listed, notes that it was accepted, and returns the list afterwards. When
   * others write at the same time all of them are listed. A list of MOST_EVALUATIONS takes no more. Throws UserError `no-permission`,
   * `service-unavailable` or `timeout`; nothing is written then.
   */
  add(evaluation: Evaluation): Promise<readonly Evaluation[]>;
}

/** The uses of a test set, whose digest is sha256 in hex; `model`, which must have passed `parseName`, is who writes. */
export function testSetUses(
  access: RemoteAccess,
  model: string,
  digest: string,
  signal?: AbortSignal,
): TestSetUses {
  const ref = `refs/sluice/test-sets/${digest}`;
  const within = <T>(body: (scratch: Scratch) => Promise<T>): Promise<T> =>
    Scratch.useAlone(access, signal, body);
  return {
    read: () => within(async (scratch) => (await readList(scratch, ref)).evaluations),
    add: (evaluation) => within((scratch) => add(scratch, { access, model, ref, signal }, evaluation)),
  };
}

/** The list with the evaluation; the same list when it says nothing new or is full. */
export function withEvaluation(list: readonly Evaluation[], added: Evaluation): readonly Evaluation[] {
  const index = list.findIndex(({ candidate }) => candidate === added.candidate);
  const known = list[index];
  if (known === undefined) return list.length >= MOST_EVALUATIONS ? list : [...list, added];
  if (added.accepted === undefined || known.accepted === true) return list;
  return list.with(index, { ...known, accepted: true });
}

interface Place {
  readonly access: RemoteAccess;
  readonly model: string;
  readonly ref: string;
  readonly signal: AbortSignal | undefined;
}

async function add(
  scratch: Scratch,
  { access, model, ref, signal }: Place,
  evaluation: Evaluation,
): Promise<readonly Evaluation[]> {
  let before = await readList(scratch, ref);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const evaluations = withEvaluation(before.evaluations, evaluation);
    if (evaluations === before.evaluations) return evaluations;
    const { commit: expected } = before;
    const commit = await writeList(scratch, model, evaluations, expected);
    const pushed = await scratch.push([
      { ref, object: commit, ...(expected === undefined ? {} : { expected }) },
    ]);
    if (pushed.kind === 'pushed') return evaluations;
    before = await readList(scratch, ref);
    const raced = before.commit !== expected || isRefLock(pushed.stderr);
    const passing = isTransient(pushed.stderr) && attempt <= NETWORK_ATTEMPTS;
    if (!raced && !passing) throw remoteError(access, 'write', pushed.stderr);
    await pauseAtRandom(attempt, signal);
  }
  throw new UserError(
    'service-unavailable',
    `Others kept writing ${ref}; gave up after ${ATTEMPTS} attempts. Run the job again.`,
  );
}

/** `commit` is absent while the ref does not exist. */
interface StoredList {
  readonly evaluations: readonly Evaluation[];
  readonly commit?: string;
}

async function readList(scratch: Scratch, ref: string): Promise<StoredList> {
  await scratch.fetch([ref]);
  const rows = await scratch.refs([ref], ['refname', 'objectname']);
  const commit = rows.find(([name]) => name === ref)?.[1];
  if (commit === undefined) return { evaluations: [] };
  try {
    const { evaluations } = z.parse(usesSchema, JSON.parse((await scratch.show(commit, FILE)) ?? ''));
    return { evaluations, commit };
  } catch (error) {
    throw new UserError(
      'bad-config',
      `${ref} does not hold a list of evaluations that this version of Sluice can read. Use a newer version, or start to count again: git push origin :${ref}`,
      { cause: error },
    );
  }
}

async function writeList(
  scratch: Scratch,
  model: string,
  evaluations: readonly Evaluation[],
  parent: string | undefined,
): Promise<string> {
  const tree = await scratch.writeTree(FILE, `${JSON.stringify({ evaluations }, null, 2)}\n`);
  const newest = evaluations.at(-1)?.at ?? '';
  const message = `${model}: evaluation ${evaluations.length} of this test set\n`;
  return scratch.writeCommit(tree, parent === undefined ? [] : [parent], new Date(newest), message);
}

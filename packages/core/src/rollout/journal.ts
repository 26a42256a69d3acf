import * as z from 'zod/mini';
import { line } from './line.ts';
import { rolloutState, type RolloutPlan, type RolloutState } from './state.ts';

/** The format of journals that this release writes and reads. Those of the first engine had no such number. */
const SCHEMA = 3;

const owner = z.object({
  /** Random, of one run. */
  id: line,
  /** What the run is; `rollout` may be one that died before it, which it settles first. */
  kind: z.enum(['deploy', 'rollback']),
  /** URL of the workflow run, with its attempt. */
  run: z.optional(line),
  actor: z.optional(line),
  /** The process, by what tells processes of one machine apart; absent where the machine does not say. */
  process: z.optional(z.object({ boot: line, namespace: line, user: z.int(), pid: z.int(), started: line })),
});

const journal = z.object({
  schema: z.literal(SCHEMA),
  owner,
  /** Grows with every owner. */
  fence: z.int(),
  /** Grows with every sign of life, so that each is another commit. */
  signs: z.int(),
  /** Longest time between two signs of life, in ms. */
  every: z.number(),
  /** When the owner took the environment, by its own clock: for people, nothing is computed from it. */
  since: line,
  /** There where the owner ended and left something to be settled. */
  left: z.optional(z.boolean()),
  rollout: rolloutState,
});

/** Who has an environment, what is being done there, and how far it got: the one document in the lock's ref. */
export type Journal = z.infer<typeof journal>;
export type Owner = Journal['owner'];

/** A journal as it was found; undefined for what this release cannot read. */
export function readJournal(content: unknown): Journal | undefined {
  const read = journal.safeParse(content);
  return read.success ? read.data : undefined;
}

/** A longer text would make the journal one that nobody reads. */
const LONGEST_TEXT = 1_000;

/** The document to be written. */
export function writeJournal(content: Omit<Journal, 'schema'>): unknown {
  return shortened({ schema: SCHEMA, ...content });
}

function shortened(content: unknown): unknown {
  const text = JSON.stringify(content, (_key, value: unknown) =>
    typeof value === 'string' && value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT - 1)}…` : value,
  );
  return JSON.parse(text) as unknown;
}

/** A plan as a journal brings it back: its texts are one line, and no longer than is kept. */
export function planOnRecord(plan: RolloutPlan): RolloutPlan {
  return rolloutState.shape.plan.parse(shortened(plan));
}

/** What is assumed of a rollout whose journal cannot be read: that it was a deployment, and may have moved the traffic. */
export function unreadable(state: RolloutState): RolloutState {
  return { ...state, kind: 'deploy', phase: 'switching', moved: 'unknown' };
}

function phaseOf({ phase, plan, step }: RolloutState): string {
  const at = plan.steps[step];
  return phase === 'paused' && at !== undefined && 'pause' in at ? `paused: ${at.pause}` : phase;
}

/** Who rolls out what, since when and how far, for messages. */
export function describeJournal(found: Journal | undefined): string {
  if (found === undefined)
    return 'a rollout whose journal this release cannot read (another release of Sluice, or somebody else, wrote it)';
  const { owner: by, rollout, since } = found;
  const to = rollout.candidate === null ? '' : ` to ${rollout.candidate.version}`;
  const what = `the ${by.kind}${to}`;
  const who = by.actor === undefined ? '' : ` by ${by.actor}`;
  const where = by.run === undefined ? '' : ` in ${by.run}`;
  return `${what}${who} since ${since}${where} (${phaseOf(rollout)})`;
}

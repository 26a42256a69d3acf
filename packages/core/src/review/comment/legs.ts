import type { Section } from '../../report/sections.ts';

/** What a leg came to, worst first. `accepted`, as comments have it: it fails, and somebody acknowledged that. */
export const STATES = ['error', 'fail', 'accepted', 'warn', 'pass'] as const;
export type LegState = (typeof STATES)[number];

/** Numbers that failed, and when people could see them first. */
export interface ShownNumbers {
  readonly digest: string;
  /** By the forge's clock, whole seconds. */
  readonly shown: Date;
}

/** Which step wrote a leg's part. */
export interface Writer {
  readonly run: number;
  readonly attempt: number;
  /** Hexadecimal, new for each step. */
  readonly id: string;
}

/** One leg of a matrix, and its part of the comment. Without a matrix there is one leg, with an empty key. */
export interface Leg {
  readonly key: string;
  readonly writer: Writer;
  /** Abbreviated hash of the commit that was judged. */
  readonly commit: string;
  readonly state: LegState;
  /** Absent where nothing failed. */
  readonly numbers?: ShownNumbers;
  readonly report: readonly Section[];
}

export type Legs = ReadonlyMap<string, Leg>;

/** As many jobs as a matrix may have on GitHub; of more legs the newest stay. */
export const MOST_LEGS = 256;

/** Characters of a commit's hash that tell it from others of the same pull request. */
const COMMIT_LENGTH = 12;

/** A comment with one leg only. */
export function onlyLeg(leg: Leg): Legs {
  return new Map([[leg.key, { ...leg, commit: leg.commit.slice(0, COMMIT_LENGTH) }]]);
}

/**
 * Total order: the later run, then the later attempt. Within one attempt two steps share a key only by mistake; then the
 * worse verdict stays, so that a failure is never hidden.
 */
export function compareLegs(a: Leg, b: Leg): number {
  return (
    a.writer.run - b.writer.run ||
    a.writer.attempt - b.writer.attempt ||
    STATES.indexOf(b.state) - STATES.indexOf(a.state) ||
    Number(a.writer.id > b.writer.id) - Number(a.writer.id < b.writer.id)
  );
}

/** The newest of each key. Commutative, associative and idempotent. */
export function mergeLegs(one: Legs, other: Legs): Legs {
  const newest = new Map(one);
  for (const [key, leg] of other) {
    const known = newest.get(key);
    if (known === undefined || compareLegs(leg, known) > 0) newest.set(key, leg);
  }
  if (newest.size <= MOST_LEGS) return newest;
  return new Map([...newest].sort(([, a], [, b]) => compareLegs(b, a)).slice(0, MOST_LEGS));
}

/** Whether merging `wanted` into `legs` would replace none; how much of a report is left does not matter. */
export function holdsLegs(legs: Legs, wanted: Legs): boolean {
  return [...mergeLegs(legs, wanted)].every(([key, leg]) => {
    const held = legs.get(key);
    return held !== undefined && compareLegs(held, leg) === 0;
  });
}

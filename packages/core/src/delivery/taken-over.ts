import type { Trailer } from '../ledger/plan.ts';
import { describeJournal } from '../rollout/journal.ts';
import type { Lease, Predecessor } from '../rollout/lease.ts';

const KEYS: Readonly<Record<Predecessor['why'], 'Pre-empted' | 'Forced' | undefined>> = {
  'pre-empted': 'Pre-empted',
  forced: 'Forced',
  dead: undefined,
  resumed: undefined,
};

/** Whom the environment was taken from while that may have been alive, for the tags of whoever took it. */
export function takenOver({ predecessor }: Pick<Lease, 'predecessor'>): Trailer[] {
  const key = predecessor && KEYS[predecessor.why];
  return key === undefined ? [] : [[key, describeJournal(predecessor?.journal)]];
}

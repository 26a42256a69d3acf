import type { MeasuredBaseline, MeasuredCandidate } from './measured-models.ts';
import { MetricError } from './measurement.ts';
import { everyRepeat } from './repeats.ts';
import { encodeClasses, type Sample } from './sample.ts';

/** Which rows only the baseline (`broke`) or only the candidate (`fixed`) has right. */
export interface ChangedRows {
  readonly rows: number;
  readonly broke: number;
  readonly fixed: number;
  /** The first ids of each, in the order of the rows; absent without an id column. */
  readonly ids?: { readonly broke: readonly string[]; readonly fixed: readonly string[] };
}

/** More ids than this do not help to find out what they have in common. */
const IDS_KEPT = 20;

interface Tally {
  count: number;
  readonly first: number[];
}

/** Finds the rows that changed; undefined where the two models were not both measured on the same rows. */
export function changedRows(
  { sample, ids }: Pick<MeasuredCandidate, 'sample' | 'ids'>,
  baseline: MeasuredBaseline,
): ChangedRows | undefined {
  if (sample?.prediction === undefined || baseline.kind === 'none' || baseline.sample.kind !== 'same') {
    return undefined;
  }
  if (baseline.sample.value.prediction === undefined) return undefined;
  try {
    const now = rightRows(sample);
    const before = rightRows(baseline.sample.value);
    const broke: Tally = { count: 0, first: [] };
    const fixed: Tally = { count: 0, first: [] };
    for (let row = 0; row < now.length; row++) {
      if (now[row] === before[row]) continue;
      const tally = now[row] === 1 ? fixed : broke;
      if (tally.count++ < IDS_KEPT) tally.first.push(row);
    }
    const known = { rows: sample.rows, broke: broke.count, fixed: fixed.count };
    if (ids === undefined) return known;
    const named = ({ first }: Tally): string[] => first.map((row) => ids.at(row) as string);
    return { ...known, ids: { broke: named(broke), fixed: named(fixed) } };
  } catch (error) {
    // The rules that need these numbers say what is wrong with them.
    if (error instanceof MetricError) return undefined;
    throw error;
  }
}

/** For each row 1 when its prediction is the label in every repeat, else 0. */
export function rightRows(sample: Sample): Uint8Array {
  const right = new Uint8Array(sample.rows).fill(1);
  for (const one of everyRepeat(sample)) {
    const { truth, guess } = encodeClasses(one);
    for (let row = 0; row < right.length; row++) if (truth[row] !== guess[row]) right[row] = 0;
  }
  return right;
}

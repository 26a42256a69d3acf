import type { Comparable } from '../gate/measured-models.ts';
import { matchRows, type Rows } from '../gate/match.ts';
import { takeRows, type Sample } from '../gate/sample.ts';
import type { PredictionColumns } from '../measuring/prediction-columns.ts';

/** The baseline's predictions in the order of the candidate's rows, or why they cannot be compared. */
export function matched(
  candidate: PredictionColumns | undefined,
  baseline: PredictionColumns | undefined,
): Comparable<Sample> {
  if (candidate === undefined || baseline === undefined) return { kind: 'absent' };
  const match = matchRows(rowsOf(candidate), rowsOf(baseline));
  if (match.kind === 'different') return match;
  return { kind: 'same', value: takeRows(baseline.sample, match.order) };
}

function rowsOf({ ids, sample: { label, queries } }: PredictionColumns): Rows {
  return { ...(ids === undefined ? {} : { ids }), label, ...(queries === undefined ? {} : { queries }) };
}

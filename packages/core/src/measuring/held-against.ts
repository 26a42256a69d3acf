import { UserError } from '../action/errors.ts';
import type { Doubt } from '../gate/doubt.ts';
import { holdRows, isOtherCount, type HeldRows, type TestRows } from '../gate/held-rows.ts';
import type { PredictionColumns } from './prediction-columns.ts';

/** The error for predictions that are not about the declared test set; `why` is a sentence. */
export function differentRows(why: string, fromFork: boolean): UserError {
  return new UserError(
    'different-test-set',
    fromFork
      ? `The predictions of the fork cannot be judged. ${why} Its run must evaluate every row of the test set that is on the base branch, with the labels it has there.`
      : `The predictions cannot be judged. ${why} Evaluate every row of the test set and no other, with the labels it has. Rows without a label may be left out; gate.columns says how the columns for id and label are called, in both.`,
  );
}

/**
 * Holds the rows that were evaluated against the declared test set. Throws `different-test-set` when a row is missing,
 * added, or has another label: whoever leaves out the rows that a model gets wrong makes it better than it is.
 */
export function heldAgainst({ ids, sample }: PredictionColumns, test: TestRows, fromFork: boolean): HeldRows {
  const own = { ...(ids === undefined ? {} : { ids }), label: sample.label };
  const held = holdRows(own, test, fromFork);
  if (held.kind === 'held') return held.value;
  const whose = fromFork ? "this repository's test set" : 'the test set that is declared';
  throw differentRows(`They are not about ${whose}: ${held.difference}.`, fromFork);
}

/** What makes the verdict mean less than it says: rows are missing or too many, and nothing tells which. */
export function rowsDoubt(held: HeldRows | undefined): Doubt | undefined {
  if (held === undefined || !isOtherCount(held)) return undefined;
  return {
    reason: 'unmatched-rows',
    sentence: `${held.rows} rows were evaluated, the test set has ${held.declared}, and without an id in both nobody can tell which are missing or too many.`,
  };
}

/** What could not be held against the declared test set. Plain text. */
export function heldNotes(held: HeldRows | undefined): string[] {
  if (held === undefined || held.open.length === 0) return [];
  const how =
    held.by.length === 0 ? 'not held against the test set' : 'held against the test set only in part';
  return [`The rows that were evaluated were ${how}. ${held.open.join(' ')}`];
}

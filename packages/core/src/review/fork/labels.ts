import { UserError } from '../../action/errors.ts';
import type { MeasuredBaseline } from '../../gate/measured-models.ts';
import { matchRows, type Rows } from '../../gate/match.ts';
import type { PredictionColumns } from '../../measuring/prediction-columns.ts';

const FORGEABLE =
  "Computed from predictions that the pull request's own run made in a fork: nothing of the fork was run here, and who controls the fork can forge its predictions, scores and slice columns.";

/** What a fork's predictions are held against. */
export interface KnownLabels {
  /** Ids and labels of this repository's test set; undefined where it has no columns for them. */
  readonly trusted: Rows | undefined;
  readonly baseline: MeasuredBaseline;
}

/**
 * Holds the ids and labels of a fork's predictions against what this repository knows: its own test set where that has
 * both columns, else the predictions of the baseline. Returns what the report has to say about trust. Throws
 * `different-test-set` when a row is missing, added, or has another label: a fork may leave out the rows it gets wrong.
 */
export function checkLabels(candidate: PredictionColumns, { trusted, baseline }: KnownLabels): string[] {
  if (trusted !== undefined) {
    refuseDifferent(candidate, trusted, "this repository's test set");
    return [`${FORGEABLE} Its ids and labels are those of this repository's test set.`];
  }
  if (baseline.kind === 'present' && baseline.sample.kind === 'different') {
    throw different(baseline.sample.message);
  }
  if (baseline.kind === 'present' && baseline.sample.kind === 'same') {
    return [
      candidate.ids === undefined
        ? `${FORGEABLE} Its labels are those of the baseline's rows, in the same order.`
        : `${FORGEABLE} Its ids and labels are those of the baseline's rows.`,
    ];
  }
  return [
    `${FORGEABLE} Its labels are taken on trust too: the test set here has no columns for id and label, and there are no predictions of a baseline to hold them against.`,
  ];
}

function refuseDifferent({ ids, sample }: PredictionColumns, trusted: Rows, name: string): void {
  const own: Rows = { ...(ids === undefined ? {} : { ids }), label: sample.label };
  const match = matchRows(own, trusted);
  if (match.kind === 'different') throw different(`They are not about ${name}: ${match.difference}.`);
}

function different(why: string): UserError {
  return new UserError(
    'different-test-set',
    `The predictions of the fork cannot be judged. ${why} Its run must evaluate every row of the test set that is on the base branch, with the labels it has there.`,
  );
}

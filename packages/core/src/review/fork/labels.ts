import type { HeldRows } from '../../gate/held-rows.ts';
import type { MeasuredBaseline } from '../../gate/measured-models.ts';
import { differentRows } from '../../measuring/held-against.ts';
import type { PredictionColumns } from '../../measuring/prediction-columns.ts';

const FORGEABLE =
  "Computed from predictions that the pull request's own run made in a fork: nothing of the fork was run here, and who controls the fork can forge its predictions, scores and slice columns.";

/**
 * What the report has to say about trust in a fork's predictions: whose rows their ids and labels are, by the repository's
 * own test set where that has both columns, else by the baseline's predictions. Throws `different-test-set` where they are
 * not the baseline's either: a fork may leave out the rows that it gets wrong.
 */
export function checkLabels(
  { ids }: Pick<PredictionColumns, 'ids'>,
  held: HeldRows | undefined,
  baseline: MeasuredBaseline,
): string[] {
  if (held?.by.includes('id') && held.by.includes('label')) {
    return [`${FORGEABLE} Its ids and labels are those of this repository's test set.`];
  }
  if (baseline.kind === 'present' && baseline.sample.kind === 'different') {
    throw differentRows(baseline.sample.message, true);
  }
  if (baseline.kind === 'present' && baseline.sample.kind === 'same') {
    return [
      ids === undefined
        ? `${FORGEABLE} Its labels are those of the baseline's rows, in the same order.`
        : `${FORGEABLE} Its ids and labels are those of the baseline's rows.`,
    ];
  }
  return [
    `${FORGEABLE} Its labels are taken on trust too: the test set here has no columns for id and label, and there are no predictions of a baseline to hold them against.`,
  ];
}

import type { CommonReason, ReasonTable } from '@sluice/core/action/reasons.ts';

export const INPUTS = [
  'metrics',
  'predictions',
  'model-path',
  'data',
  'baseline',
  'baseline-metrics',
  'baseline-predictions',
  'evaluate',
  'columns',
  'rules',
  'comment',
  'check-name',
  'matrix-key',
  'duckdb-path',
] as const;

export const OUTPUTS = ['failed-rules', 'report'] as const;

export const REASONS = {
  regression: {
    happened: 'A metric is worse than the baseline by more than `max-regression` allows.',
    remedy:
      'Improve the model: the report says which metric, in which slice, and which value is allowed. When the loss is wanted, accept it with the label `sluice:accept`, or change `max-regression` in review.',
  },
  inconclusive: {
    happened: 'The rows at hand neither show nor exclude a regression beyond `max-regression`.',
    remedy:
      'The report says how large a change these rows show and how many rows would settle it. Evaluate on more rows, allow a larger change, or say with `on-inconclusive` what it means.',
  },
  'below-limit': {
    happened: 'A metric is on the wrong side of `min` or `max`.',
    remedy:
      'Improve the model until it reaches the limit named in the report. When it is good enough, accept it with the label `sluice:accept`, or change the rule in review.',
  },
  'case-broke': {
    happened: 'A case that must stay correct is wrong now; without a baseline, that it is wrong at all.',
    remedy:
      'Look at these rows: the report lists their ids. Improve the model, or take a case off the list in review.',
  },
  'group-difference': {
    happened: 'Groups are treated more differently than a fairness rule allows.',
    remedy:
      'Improve the model for the group that is worst off: the report has the rate, the rows and the interval of each. Or change the rule in review.',
  },
  'unknown-case': {
    happened: 'Cases that must stay correct cannot be looked up in the predictions.',
    remedy:
      'The message says what is missing: correct the id in the list, or name the id column (`columns: {id: …}`); for predictions of the baseline set `gate.evaluate`. Where no case is right, begin with a list of cases that the baseline has right.',
  },
  acknowledged: {
    happened: 'The gate failed, and somebody with write permission accepted exactly these numbers.',
    remedy:
      'Nothing blocks the change. The report says who accepted what; take the label off to take it back.',
  },
  'suspicious-improvement': {
    happened: 'A metric is better than the baseline by more than `max-improvement` believes.',
    remedy:
      'Look for a leak: a feature that is only known afterwards, or test rows among the training data. Raise the limit when the jump is real.',
  },
  'pre-existing': {
    happened: 'A metric breaks its limit, but the baseline does so too and the candidate is no worse.',
    remedy: 'Nothing blocks the change. Improve the model or correct the limit.',
  },
  'new-baseline': {
    happened:
      'There is no baseline yet, or none on this test set with `on-different-test-set: absolute-only`; every limit that needs none holds. A warning where no rule has such a limit, so that nothing was judged.',
    remedy:
      'Nothing to do for a first model but to give it a `min` or `max`. Otherwise the log says where a baseline was looked for.',
  },
  'no-baseline': {
    happened:
      'There is no baseline, and `on-missing-baseline` is `warn` or `fail`; or a rule needs one, and nothing in this repository can ever give one (a warning).',
    remedy:
      'The message says where one was looked for. Register a version on the main branch, or compare with a file that git has (`baseline: base:metrics.json`), or give `baseline-metrics`.',
  },
  'condition-rejected': {
    happened:
      'A condition does not hold; with `fp-free` also when its tolerance leaves it open whether it holds.',
    remedy: 'The report has the estimate, the tolerance and what is asked for. Improve the model.',
  },
  'too-few-rows': {
    happened: 'The test set has fewer rows than a condition needs for its tolerance and reliability.',
    remedy:
      'Label more rows, or write the tolerance that the rows at hand allow; the message has both numbers. Until then nothing is judged.',
  },
  'budget-spent': {
    happened:
      'The test set has judged more models than `budget.evaluations` (a warning) or the `steps` of a condition (an error) allow, or a condition with `first-change` has accepted one already.',
    remedy:
      'Collect a fresh test set: the models come to suit the rows of this one. The report says which `confidence` would make up for the number of models.',
  },
  'budget-uncounted': {
    happened:
      'It could not be written into the ledger that the test set judged this model. A warning for `budget`, an error for a condition.',
    remedy:
      'Give the job `permissions: {contents: write}`, which it mostly lacks; the message says what refused. Without the count nobody knows when the test set is used up.',
  },
  'no-rules': {
    happened: 'The gate has no rules, so it would check nothing.',
    remedy: 'Add at least one rule under `gate.rules`, such as `{metric: auc, min: 0.7}`.',
  },
  'missing-metric': {
    happened: 'A rule names a metric that the candidate or the baseline does not have.',
    remedy:
      'The message lists the metrics there are; correct the name, or log the metric. For a new metric use `min` or `max` until a version with it is registered.',
  },
  'not-a-number': {
    happened:
      'A metric that a rule names is NaN, infinite, a text or a boolean, or a row of the predictions is.',
    remedy: 'Find out why the evaluation wrote it; the message names the metric or the row.',
  },
  'undefined-metric': {
    happened: 'A metric has no value for these rows, such as AUC when all labels are one class.',
    remedy: 'The message says why. Evaluate on more rows, raise `min-n`, or use another metric.',
  },
  'empty-slice': {
    happened:
      'A rule asks for slices or groups, but none can be judged, or there are no two groups to compare.',
    remedy:
      'The message says why: write the column into the predictions, evaluate on more rows, or lower `min-n`.',
  },
  'digest-mismatch': {
    happened:
      'The test set is not what was pinned in `sluice.lock.yaml` (a version in S3 was deleted, or its bytes are others), or not what a `.dvc` file or `dvc.lock` recorded.',
    remedy:
      'The message names key or path, and the digests. Restore the bytes; or pin the new data (`write-lock` of validate-data, `dvc add`) and have that reviewed.',
  },
  'different-test-set': {
    happened:
      'The rows that were evaluated are not those of the test set or have other labels, or candidate and baseline were measured on different rows, or nobody knows on which.',
    remedy:
      "Set `data.test`, and evaluate every row of it, with its label. For the baseline set `gate.evaluate`, so that it is scored on today's test set; or let the change of the test set pass uncompared with `gate.on-different-test-set`.",
  },
  'unknown-test-set': {
    happened:
      'The first model passes, but no test set is named, so that no later one can be compared with its numbers.',
    remedy:
      'Set `data.test` (or the input `data`) to the files that the numbers are about, before a version is registered.',
  },
  'unmatched-rows': {
    happened:
      'Not as many rows were evaluated as the test set has, and without an id in both nobody can tell which.',
    remedy:
      'Write a column `id` into the test set and the predictions, or name yours under `gate.columns`; then every row is compared.',
  },
  'trained-on-test-rows': {
    happened:
      'Rows of the test set are, value for value, rows that the baseline or the candidate was trained on; nothing worse was found.',
    remedy:
      'Split the data the same way each time (a fixed seed, or by time or group), and keep test rows out of the training data; then train the baseline again.',
  },
  'baseline-near-zero': {
    happened: 'A limit is a share of the baseline, and the baseline is zero.',
    remedy: 'Write the limit as a number, or give `abs` beside `rel`.',
  },
  'duplicate-id': {
    happened: 'An id occurs twice in the predictions, so rows cannot be told apart.',
    remedy: 'Write each row of the test set once, or name another id column in `gate.columns`.',
  },
  'no-rows': {
    happened: 'The predictions have no rows.',
    remedy: 'Check that the evaluation found its test set.',
  },
  'unreadable-data': {
    happened: 'A predictions file cannot be read, or lacks a column or a value.',
    remedy:
      'Correct what writes the predictions, or name its columns under `gate.columns`: the message has file, row and column.',
  },
  'command-failed': {
    happened: 'The `evaluate` command failed, wrote no predictions, or changed the model.',
    remedy:
      'Run the command in a checkout of this commit and correct it; the message has its exit code and last line, the log all of its output.',
  },
  'no-pull-request': {
    happened:
      'A run about a pull request from a fork found none that is open and has the judged commit as its head.',
    remedy:
      'Nothing to do when the branch moved on or was closed; the run about the newer commit judges that one.',
  },
  'evidence-mismatch': {
    happened:
      "The baseline's stored bytes or numbers are not those that were vouched for, or its tag names a store that sluice.yaml does not, and they are in none that it does.",
    remedy:
      'Restore what the message names from a backup, or register that model again. A store of the team goes into `registry.former-stores`.',
  },
} as const satisfies ReasonTable;

/** What this action may end with. */
export type Reason = CommonReason | keyof typeof REASONS;

import * as z from 'zod/mini';

/*
 * The schema of sluice.yaml; schemas/sluice.schema.json is generated from it, so every rule that an editor can check
 * stands here and the others in the code that uses the value.
 */

const text = z.string().check(z.minLength(1));
const described = <T extends z.ZodMiniType>(type: T, description: string): T =>
  type.check(z.meta({ description }));

/** A list may be written as one item. */
const oneOrMore = z.union([text, z.array(text).check(z.minLength(1))]);

/** A duration such as 80ms, 5s, 2m. */
const duration = z
  .string()
  .check(
    z.regex(
      /^(?=.*[1-9])\d+(\.\d+)?(ms|s|m|h|d)$/,
      'expected a duration above zero such as 80ms, 5s, 2m or 30d',
    ),
  );

/** Named sets of files: a path, a glob, a list of them, or a map from name to either. */
export const dataSchema = z.union([oneOrMore, z.record(z.string(), oneOrMore)]);

const dataSection = z.strictObject({
  contract: z.optional(described(text, 'Data contract in ODCS v3.1, checked by validate-data.')),
  train: z.optional(
    described(oneOrMore, 'Files the model is trained on: paths or globs, also s3://bucket/key.'),
  ),
  test: z.optional(
    described(oneOrMore, 'Files the model is evaluated on: paths or globs, also s3://bucket/key.'),
  ),
  reference: z.optional(
    described(
      text,
      'What drift is measured against: a data file or glob, also s3://bucket/key, or a profile that validate-data wrote.',
    ),
  ),
});

const trainSection = z.strictObject({
  run: z.optional(described(text, 'The training command. It runs without a shell.')),
  pipeline: z.optional(
    described(text, 'The dvc.yaml to reproduce with DVC, instead of a command. Excludes run.'),
  ),
  sources: z.optional(described(oneOrMore, 'Code that the result depends on: files, folders or globs.')),
  params: z.optional(described(oneOrMore, 'Parameter files (YAML or JSON).')),
  'environment-files': z.optional(
    described(oneOrMore, 'Files that pin the environment, such as requirements.txt.'),
  ),
  'model-path': z.optional(described(text, 'The file or folder that the command writes the model to.')),
  metrics: z.optional(described(text, 'The metrics file (JSON or YAML) that the command writes.')),
  predictions: z.optional(described(text, 'The predictions file that the command writes.')),
  cache: z.optional(
    described(z.boolean(), 'Skip the command when nothing it depends on changed. Default true.'),
  ),
  timeout: z.optional(described(duration, 'Longest run time, such as 90s, 45m or 6h. Default 6h.')),
});

/** `2%` of the baseline's absolute value. */
const percent = z.string().check(z.regex(/^\d+(\.\d+)?%$/, 'expected a number, or a percentage such as 2%'));

/** How far a metric may move: absolute number, relative percentage, or both. */
export const changeLimitSchema = z.union([
  z.number().check(z.nonnegative()),
  percent,
  z.strictObject({
    abs: z.optional(z.number().check(z.nonnegative())),
    rel: z.optional(percent),
    combine: z.optional(
      described(
        z.enum(['max', 'all']),
        'max: the looser limit counts (default); all: both limits must hold.',
      ),
    ),
  }),
]);

export const ruleSchema = z.strictObject({
  metric: described(text, 'Name of the metric: one computed from the predictions or one the team logs.'),
  name: z.optional(described(text, 'How reports call the rule. Default: the metric.')),
  direction: z.optional(
    described(z.enum(['higher', 'lower']), 'Which way is better. Known for the usual metrics.'),
  ),
  min: z.optional(described(z.number(), 'The candidate must be at least this.')),
  max: z.optional(described(z.number(), 'The candidate must be at most this.')),
  'max-regression': z.optional(
    described(changeLimitSchema, 'How much worse than the baseline is tolerated.'),
  ),
  'max-improvement': z.optional(
    described(changeLimitSchema, 'How much better than the baseline is believable; more is a leak alarm.'),
  ),
  compare: z.optional(
    described(
      z.enum(['paired', 'point']),
      'paired: compare row by row, with an interval; point: compare the two numbers alone. Default paired where predictions of both are at hand.',
    ),
  ),
  test: z.optional(
    described(
      z.enum(['auto', 'mcnemar', 'delong', 'paired-t', 'bootstrap']),
      'How rows are compared. Default auto: the best test for the metric.',
    ),
  ),
  'on-inconclusive': z.optional(
    described(
      z.enum(['fail', 'warn', 'pass']),
      'What it means that the rows at hand neither show nor exclude a regression. Default warn.',
    ),
  ),
  slices: z.optional(
    described(
      z.array(
        z.strictObject({
          by: described(oneOrMore, 'Column, or columns for crossed slices.'),
          'min-n': z.optional(
            described(z.int().check(z.positive()), 'Smaller slices are reported, not judged. Default 1.'),
          ),
        }),
      ),
      'Judge the rule in each slice of the predictions as well.',
    ),
  ),
  severity: z.optional(described(z.enum(['fail', 'warn', 'info']), 'What a violation does. Default fail.')),
});

const casesRuleSchema = z.strictObject({
  cases: described(
    z.union([text, z.array(z.union([text, z.int()])).check(z.minLength(1))]),
    'Ids of rows: a file with one a line, or a list.',
  ),
  must: described(
    z.enum(['stay-correct']),
    'stay-correct: what the baseline has right, the candidate has right too.',
  ),
  name: z.optional(described(text, 'How reports call the rule. Default: cases.')),
  severity: z.optional(described(z.enum(['fail', 'warn', 'info']), 'What a violation does. Default fail.')),
});

const fairnessRuleSchema = z.strictObject({
  fairness: described(
    z.enum(['demographic-parity', 'equal-opportunity', 'equalised-odds']),
    'What must be alike in all groups: the share predicted positive, the true positive rate, or that and the false positive rate.',
  ),
  by: described(
    oneOrMore,
    'Column of the predictions that says which group a row belongs to, or columns for crossed groups.',
  ),
  name: z.optional(described(text, 'How reports call the rule. Default: the criterion.')),
  'min-n': z.optional(
    described(z.int().check(z.positive()), 'Smaller groups are reported, not judged. Default 1.'),
  ),
  'max-difference': z.optional(
    described(z.number().check(z.gte(0), z.lte(1)), 'Largest rate minus smallest rate, at most.'),
  ),
  'min-ratio': z.optional(
    described(z.number().check(z.gte(0), z.lte(1)), 'Smallest rate divided by largest rate, at least.'),
  ),
  'max-regression': z.optional(
    described(
      z.number().check(z.gte(0), z.lte(1)),
      'By how much more than for the baseline the largest and the smallest rate may differ.',
    ),
  ),
  severity: z.optional(described(z.enum(['fail', 'warn', 'info']), 'What a violation does. Default fail.')),
});

const conditionRuleSchema = z.strictObject({
  condition: described(
    text,
    'Condition in the language of ease.ml/ci, such as `n - o > 0.02 +/- 0.01`: n and o are the accuracies of the new and the old model, d is the share of predictions that differ.',
  ),
  reliability: described(
    z.number().check(z.gte(0.5), z.lt(1)),
    'Probability that none of `steps` verdicts errs by more than the tolerance.',
  ),
  mode: described(
    z.enum(['fp-free', 'fn-free']),
    'What cannot be told within the tolerance is rejected (fp-free) or accepted (fn-free).',
  ),
  adaptivity: described(
    z.enum(['none', 'full', 'first-change']),
    'Whether those who change the model see no verdict, every verdict, or every verdict up to the first acceptance.',
  ),
  steps: described(z.int().check(z.gte(1), z.lte(1000)), 'How many models one test set may judge.'),
  name: z.optional(described(text, 'How reports call the rule. Default: condition.')),
  severity: z.optional(described(z.enum(['fail', 'warn', 'info']), 'What a rejection does. Default fail.')),
});

export const rulesSchema = z.array(
  z.union([ruleSchema, casesRuleSchema, fairnessRuleSchema, conditionRuleSchema]),
);

/** Which prediction columns mean what. */
export const columnsSchema = z.strictObject({
  id: z.optional(text),
  label: z.optional(text),
  prediction: z.optional(text),
  score: z.optional(text),
  cluster: z.optional(
    described(text, 'Column whose values say which rows belong together and are not independent.'),
  ),
  query: z.optional(described(text, 'Column that says which query a row answers, for mrr and ndcg.')),
  repeat: z.optional(
    described(text, 'Column that tells predictions of the same id apart, such as the seed of each run.'),
  ),
  latency: z.optional(
    described(text, 'Column with the milliseconds that a prediction took. Default latency-ms.'),
  ),
});

const gateSection = z.strictObject({
  baseline: z.optional(
    described(
      oneOrMore,
      'Where the baseline comes from, tried in order: champion, deployed:<environment>, latest, merge-base, file:<path>.',
    ),
  ),
  'champion-environment': z.optional(
    described(text, 'The environment whose live version is the champion. Default production.'),
  ),
  evaluate: z.optional(
    described(
      text,
      'Command that scores a model on the test set; {model-path} and {predictions} are filled in.',
    ),
  ),
  columns: z.optional(described(columnsSchema, 'Names of the prediction columns.')),
  confidence: z.optional(
    described(
      z.number().check(z.gte(0.5), z.lt(1)),
      'Level of the intervals of changes, from 0.5 to below 1. Default 0.95.',
    ),
  ),
  seed: z.optional(
    described(z.int(), 'Where resampling starts; the same seed gives the same interval. Default 20240501.'),
  ),
  'on-missing-baseline': z.optional(
    described(
      z.enum(['absolute-only', 'warn', 'fail']),
      'What to do without a baseline. Default absolute-only.',
    ),
  ),
  'max-age': z.optional(
    described(duration, 'A version registered longer ago than this, such as 30d, is no baseline.'),
  ),
  'wait-for-baseline': z.optional(
    described(
      duration,
      'How long merge-base waits for runs of that commit which may register its version. Default: not at all.',
    ),
  ),
  'positive-class': z.optional(
    described(
      z.union([z.string(), z.number(), z.boolean()]),
      'The label that counts as positive. Default 1.',
    ),
  ),
  acknowledge: z.optional(
    described(
      z.union([z.literal(false), z.strictObject({ label: text })]),
      'The label with which somebody with write permission accepts a failure. Default {label: sluice:accept}; false: nobody can.',
    ),
  ),
  comment: z.optional(
    described(z.enum(['always', 'on-change', 'on-failure', 'never']), 'When to comment on the pull request.'),
  ),
  budget: z.optional(
    z.strictObject({
      evaluations: described(
        z.int().check(z.gte(1), z.lte(1000)),
        'How many models one test set may judge; from then on every verdict is a warning at least.',
      ),
    }),
  ),
  'check-name': z.optional(described(text, 'Name of the check run. Default: Sluice: <model>.')),
  rules: z.optional(described(rulesSchema, 'What the candidate must fulfil.')),
});

const encryptionKeys = {
  sse: z.optional(
    described(
      z.enum(['AES256', 'aws:kms']),
      'How a store in S3 has new objects encrypted. Default: as the bucket says.',
    ),
  ),
  'kms-key-id': z.optional(
    described(
      text,
      'With sse aws:kms, the key: its id, alias or ARN. Default: the key of the bucket or of S3.',
    ),
  ),
};

const gitRegistry = z.strictObject({
  type: described(z.literal('git'), 'git: the ledger of annotated tags is the registry.'),
  store: z.optional(
    described(
      text,
      'Where model bytes live: dir:/path, s3://bucket/prefix, release: for releases of the repository, or mlflow: for an MLflow server.',
    ),
  ),
  ...encryptionKeys,
});

export const mlmodelSchema = z.strictObject({
  'loader-module': described(
    text,
    'Python module with a function _load_pyfunc(path), such as mlflow.sklearn or one of your own.',
  ),
  data: z.optional(
    described(text, 'The file or folder of the model that the function is given. Default: all of it.'),
  ),
  code: z.optional(described(oneOrMore, 'Python files and packages that travel with the model.')),
  requirements: z.optional(described(text, 'The requirements file of the environment that loads the model.')),
  'python-version': z.optional(described(text, 'The Python that loads the model, such as 3.12.4.')),
});

const mlflowRegistry = z.strictObject({
  type: described(
    z.literal('mlflow'),
    'mlflow: an MLflow server shows what the ledger says; version 3 there is v3.0.0 here.',
  ),
  'tracking-uri': z.optional(
    described(text, 'Address of the MLflow server, or databricks. Default: MLFLOW_TRACKING_URI of the job.'),
  ),
  store: z.optional(
    described(
      text,
      'Where model bytes live: mlflow: (the server itself, the default), dir:/path, s3://bucket/prefix or release:.',
    ),
  ),
  ...encryptionKeys,
  experiment: z.optional(
    described(text, 'The MLflow experiment of the runs. Default: the name of the model.'),
  ),
  name: z.optional(
    described(text, 'The name of the registered model in MLflow. Default: the name of the model.'),
  ),
  mlmodel: z.optional(
    described(mlmodelSchema, 'How MLflow is to load a model that has no MLmodel file of its own.'),
  ),
});

const registrySection = z.discriminatedUnion('type', [gitRegistry, mlflowRegistry]);

export const targetSchema = z.strictObject({
  type: described(
    z.enum(['directory']),
    'directory: releases/<version> and an atomically switched `current` link.',
  ),
  path: described(text, 'The folder that holds `releases` and `current`.'),
  reload: z.optional(
    described(text, 'Command that makes the server follow `current`. It runs without a shell.'),
  ),
  url: z.optional(described(text, 'Base URL of the model server.')),
  ready: z.optional(described(text, 'Path that answers 2xx when the server is ready. Default /ready.')),
  'version-path': z.optional(described(text, 'Path that answers the version in service. Default /version.')),
  predict: z.optional(described(text, 'Path that golden inputs are posted to. Default /predict.')),
  keep: z.optional(
    described(z.int().check(z.positive()), 'How many releases stay on disk for a quick rollback. Default 5.'),
  ),
});

export const verifySchema = z.strictObject({
  golden: z.optional(
    described(
      oneOrMore,
      'Golden predictions (JSON Lines); a path may begin with {model-path}/ to travel with the model.',
    ),
  ),
  latency: z.optional(
    z.strictObject({ p95: described(duration, 'Longest 95th percentile over the golden requests.') }),
  ),
  'ready-count': z.optional(
    described(z.int().check(z.positive()), 'Consecutive ready answers needed. Default 3.'),
  ),
  timeout: z.optional(described(duration, 'How long the server may take to become ready. Default 60s.')),
});

const environmentSection = z.strictObject({
  target: targetSchema,
  strategy: z.optional(described(z.enum(['direct']), 'direct: switch all traffic at once.')),
  verify: z.optional(described(verifySchema, 'What must hold before a version counts as deployed.')),
});

const evidenceSection = z.strictObject({
  attest: z.optional(
    described(
      z.boolean(),
      'Sign what register-model checked with the identity of its workflow run, and deploy signed versions alone. Default false.',
    ),
  ),
  require: z.optional(
    described(
      z.array(z.enum(['data', 'gate', 'signature'])).check(z.minLength(1)),
      'What has to vouch for a model. The gate always has to; data: every data file that went in was tested too; signature: a workflow run signed it.',
    ),
  ),
  'trusted-workflows': z.optional(
    described(
      oneOrMore,
      'Workflows whose statements count, such as .github/workflows/pipeline.yml@refs/heads/main. Default: any.',
    ),
  ),
  'max-age': z.optional(described(duration, 'A test longer ago than this, such as 30d, does not count.')),
  'trusted-root': z.optional(
    described(
      text,
      'File with the keys that signatures are verified with, from `gh attestation trusted-root`. Default: what Sigstore and GitHub publish at the time.',
    ),
  ),
});

const cardSection = z.strictObject({
  'intended-use': z.optional(described(text, 'What the model is for, in Markdown.')),
  limitations: z.optional(described(text, 'What it is not for, and where it is weak, in Markdown.')),
  license: z.optional(described(text, 'License of the model, such as apache-2.0.')),
  task: z.optional(described(text, "The Hub's name of the task, such as tabular-classification.")),
  library: z.optional(described(text, "The Hub's name of the library, such as sklearn.")),
  tags: z.optional(described(z.array(text), 'Words to find the model by.')),
});

export const configSchema = z.strictObject({
  version: described(z.literal(1), 'Version of this file format.'),
  model: z.optional(described(text, "The model's name: letters, digits, - and _.")),
  data: z.optional(dataSection),
  train: z.optional(trainSection),
  gate: z.optional(gateSection),
  registry: z.optional(registrySection),
  evidence: z.optional(evidenceSection),
  card: z.optional(cardSection),
  environments: z.optional(z.record(z.string(), environmentSection)),
});

export type Config = z.infer<typeof configSchema>;
export type ChangeLimit = z.infer<typeof changeLimitSchema>;
export type ColumnsConfig = z.infer<typeof columnsSchema>;
export type TargetConfig = z.infer<typeof targetSchema>;
export type MlmodelConfig = z.infer<typeof mlmodelSchema>;
export type CardConfig = z.infer<typeof cardSection>;
export type VerifyConfig = z.infer<typeof verifySchema>;

import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '@sluice/testing/action.ts';

const read = (file: string): string =>
  readFileSync(path.join(ROOT, 'workflows-examples/flight-delay', file), 'utf8');

/** The sample project's own files. */
export const PROJECT_CONFIG = read('sluice.yaml');
export const PROJECT_CONTRACT = read('contracts/flights.odcs.yaml');
export const PROJECT_GOLDEN = read('tests/golden.jsonl');

/** A gate that judges from the files below, with every kind of rule. */
export const GATE_CONFIG = `version: 1
model: flights
gate:
  baseline: ['file:base.json']
  columns: {id: id, label: label, prediction: prediction, score: score}
  positive-class: 1
  confidence: 0.95
  seed: 7
  on-missing-baseline: absolute-only
  rules:
    - {metric: accuracy, min: 0.4, max-regression: 0.2}
    - {metric: auc, min: 0.4, max-regression: 2%, slices: [{by: carrier, min-n: 4}]}
    - {metric: log-loss, max: 9, max-regression: {abs: 0.5, rel: 2%, combine: max}, severity: warn}
    - {metric: f1, min: 0, test: bootstrap, on-inconclusive: warn}
    - {metric: ece, max: 0.9, compare: point}
    - {metric: latency, direction: lower, max: 90, compare: point}
    - {condition: 'n > 0.1 +/- 0.9'}
    - {cases: {file: cases.txt}}
    - {fairness: {metric: recall, by: carrier, max-difference: 0.9}}
`;
export const SMALL_GATE_CONFIG = `version: 1
model: flights
gate:
  baseline: ['file:base.json']
  rules:
    - {metric: auc, min: 0.7, max-regression: 0.01}
    - {metric: latency, direction: lower, max: 90, compare: point, severity: warn}
`;

export const METRICS = [
  '{"auc": 0.81, "latency": 71, "log-loss": 0.4, "test": {"f1": {"value": 0.5, "se": 0.01}, "by": {"AA": 1}}}',
  '{"auc": NaN, "latency": Infinity}',
  'auc: 0.8\nlatency: 12.5\nnested:\n  a: {value: 1, se: 0.1}\n  b: .nan\n',
  'auc: &x 0.8\nlatency: *x\n',
];

const CARRIERS = ['AA', 'DL', 'UA'];
const ROWS = Array.from({ length: 24 }, (_, i) => ({
  id: `r${i}`,
  label: i % 2,
  prediction: i % 5 === 0 ? 1 - (i % 2) : i % 2,
  score: ((i * 37) % 100) / 100,
  carrier: CARRIERS[i % 3],
}));
const header = Object.keys(ROWS[0] ?? {}).join(',');

/** The same predictions in the formats that are text. */
export const PREDICTIONS = {
  csv: [header, ...ROWS.map((row) => Object.values(row).join(',')), ''].join('\n'),
  tsv: [header, ...ROWS.map((row) => Object.values(row).join(','))].join('\n').replaceAll(',', '\t'),
  jsonl: ROWS.map((row) => JSON.stringify(row)).join('\n'),
} as const;

/** A contract with every kind of rule, and data that keep it. */
export const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: flights
version: 1.0.0
status: active
schema:
  - name: flights
    quality:
      - {type: library, metric: rowCount, mustBeBetween: [1, 1000]}
      - {type: library, metric: duplicateValues, arguments: {properties: [id]}, mustBe: 0}
    properties:
      - {name: id, logicalType: string, required: true, unique: true, primaryKey: true, logicalTypeOptions: {pattern: '^r[0-9]+$'}}
      - {name: label, logicalType: integer, logicalTypeOptions: {minimum: 0, maximum: 1}}
      - {name: score, logicalType: number, quality: [{type: library, metric: nullValues, mustBeLessThan: 5, unit: percent}]}
      - name: carrier
        logicalType: string
        quality:
          - {type: library, metric: invalidValues, arguments: {validValues: [AA, DL, UA]}, mustBe: 0}
`;

const DIGEST = 'ab'.repeat(32);
/** Messages as Sluice writes them into its tags, and as gto does. */
export const TAG_MESSAGES = [
  `Register flights v1.0.0\n\nModel-Digest: sha256:${DIGEST}\nPassport-Digest: sha256:${DIGEST}\nStore: dir:/srv/models\nMetrics: {"auc":0.8}\nRun: https://example.com/1\nActor: ada\nSluice-Version: 0.1.0\n`,
  'Assign v1.0.0 to production\n\nReason: better\nActor: ada\nFrom: v0.9.0\nStrategy: direct\n',
  'Unassign\n\nReason: slow\nActor: ada\nQuarantine: true\nHold: true\n',
  'Registering artifact flights version v1.0.0',
  `One\n\nParams: {"lr":0.1}\nData: {"train":"${DIGEST}"}\nTest-Set: ${DIGEST}\nCode: ${'c'.repeat(40)}\nEnvironment: {"python":"3.12"}\n`,
];

/** What servers answer. */
export const MLFLOW_ANSWERS = [
  {
    experiment: {
      experiment_id: '1',
      name: 'm',
      artifact_location: 'mlflow-artifacts:/1',
      lifecycle_stage: 'active',
    },
  },
  { registered_model: { name: 'm', aliases: [{ alias: 'production', version: '3' }] } },
  {
    model_versions: [
      {
        name: 'm',
        version: '3',
        status: 'READY',
        source: 's',
        run_id: 'r',
        tags: [{ key: 'k', value: 'v' }],
      },
    ],
  },
  {
    model_version: { name: 'm', version: '3', status: 'READY', source: 'models:/m-1', run_id: 'r', tags: [] },
  },
  {
    runs: [
      {
        info: { run_id: 'r', artifact_uri: 'mlflow-artifacts:/1/r', status: 'FINISHED', start_time: 1 },
        data: {},
      },
    ],
  },
  {
    run: {
      info: { run_id: 'r', artifact_uri: 'mlflow-artifacts:/1/r', status: 'RUNNING', start_time: 1 },
      data: {},
    },
  },
  {
    model: { info: { model_id: 'm-1', artifact_uri: 'mlflow-artifacts:/1/m-1', status: 'READY', tags: [] } },
  },
  {
    models: [
      { info: { model_id: 'm-1', artifact_uri: 'mlflow-artifacts:/1/m-1', status: 'READY', tags: [] } },
    ],
  },
  {
    files: [
      { path: 'a', is_dir: false, file_size: 3 },
      { path: 'b', is_dir: false },
    ],
  },
  { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'No such thing' },
];
export const FORGE_ANSWERS = [
  [{ id: 1, name: 'sluice:accept' }],
  [
    {
      id: 9,
      event: 'labeled',
      created_at: '2026-01-01T00:00:00Z',
      actor: { login: 'ada', type: 'User' },
      label: { name: 'sluice:accept' },
    },
  ],
  [
    {
      id: 5,
      number: 7,
      state: 'open',
      head: { sha: 'c'.repeat(40), repo: { full_name: 'a/b' } },
      base: { ref: 'main' },
    },
  ],
  { workflow_runs: [{ id: 3, status: 'in_progress', html_url: 'https://example.com/3' }] },
  { permission: 'write' },
  { id: 4, html_url: 'https://example.com/4', status: 'in_progress' },
  {
    message: 'Not Found',
    documentation_url: 'https://docs.github.com',
    errors: [{ field: 'x', code: 'missing' }],
  },
];
export const SERVER_ANSWERS = [
  { version: 'v1.0.0', 'model-digest': DIGEST },
  { prediction: 1, score: 0.25 },
  { predictions: [0, 1] },
  { version: null },
];

import * as path from 'node:path';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { startModelServer } from '@sluice/testing/model-server.ts';
import { createRepository, type TestRepository } from '@sluice/testing/repository.ts';
import { ERRORS, EVALUATE, testSet, type FlightModel } from './flights.ts';

/** What a summary is shown of: a step of the chain below. */
export interface Scene {
  /** Name of the pictures. */
  readonly name: string;
  readonly markdown: string;
}

const MODEL = 'flight-delay';
const ROWS = 4000;
const MONTHS = ['2013-08', '2013-09', '2013-10'];

const config = (reload: string): string => `version: 1
model: ${MODEL}
data: { contract: contracts/flights.odcs.yaml, train: data/train/*.csv, test: data/test.csv }
train:
  run: node train.mjs
  params: params.json
  sources: [train.mjs]
  model-path: out/model
  metrics: out/metrics.json
gate:
  evaluate: node evaluate.mjs {model-path}/model.json {predictions}
  rules: [{ metric: auc, min: 0.70, max-regression: 0.01 }]
registry: { type: git, store: 'dir:\${MODEL_STORE}' }
environments:
  production:
    target: { type: directory, path: '\${MODEL_ROOT}', reload: '${reload}', url: '\${MODEL_URL}' }
    verify: { golden: '{model-path}/golden.jsonl', latency: { p95: 80ms } }
`;

const CONTRACT = `apiVersion: v3.1.0
kind: DataContract
id: flights
version: 1.0.0
status: active
schema:
  - name: flights
    quality: [{ metric: rowCount, mustBeGreaterThan: 1000 }]
    properties:
      - { name: id, logicalType: string, required: true, primaryKey: true }
      - name: carrier
        logicalType: string
        required: true
        quality:
          - { id: known-carriers, metric: invalidValues, arguments: { validValues: [AA, UA, DL, B6, WN, HA] }, mustBe: 0 }
      - { name: label, logicalType: integer, required: true, logicalTypeOptions: { minimum: 0, maximum: 1 } }
      - { name: logit, logicalType: number, logicalTypeOptions: { minimum: -6, maximum: 6 } }
${ERRORS.map((name) => `      - { name: ${name}, logicalType: number }`).join('\n')}
`;

/** The model is its parameters; its metrics are counted on the test set, and what it answers goes along as golden cases. */
const TRAIN = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
const model = JSON.parse(readFileSync('params.json', 'utf8'));
mkdirSync('out/model', { recursive: true });
writeFileSync('out/model/model.json', JSON.stringify(model));
const wrong = model.forgets ?? 0;
const golden = Array.from({ length: 24 }, (_, x) =>
  JSON.stringify({ input: { x }, output: { prediction: x + model.bias + (x === 7 ? wrong : 0) } }));
writeFileSync('out/model/golden.jsonl', golden.join('\\n') + '\\n');
execFileSync('node', ['evaluate.mjs', 'out/model/model.json', 'out/scored.csv']);
const rows = readFileSync('out/scored.csv', 'utf8').trim().split('\\n').slice(1).map((line) => line.split(',').map(Number));
const n = rows.length;
const accuracy = rows.filter(([, label, prediction]) => label === prediction).length / n;
const brier = rows.reduce((sum, [, label, , score]) => sum + (score - label) ** 2, 0) / n;
const late = rows.filter(([, label]) => label === 1);
const recall = late.filter(([, , prediction]) => prediction === 1).length / late.length;
writeFileSync('out/metrics.json', JSON.stringify({ accuracy, brier, recall }));
`;

/** Months of flights, none of them in two. */
const [HEADER = '', ...FLIGHTS] = testSet((MONTHS.length + 1) * ROWS)
  .trim()
  .split('\n');
const csv = (rows: readonly string[]): string => `${[HEADER, ...rows].join('\n')}\n`;
const month = (number: number): string[] => FLIGHTS.slice(number * ROWS, (number + 1) * ROWS);

interface Trained extends FlightModel {
  readonly bias: number;
  /** Off by so much in one golden case, as a model that was trained with other code than it is served with. */
  readonly forgets?: number;
}

/**
 * A project that goes through all actions as built, and what each wrote into its job's summary. The folder that it lay in is
 * called `/srv` there.
 */
export async function scenesOfChain(): Promise<Scene[]> {
  const train = Object.fromEntries(MONTHS.map((name, i) => [`data/train/${name}.csv`, csv(month(i))]));
  const repository = await createRepository({
    'contracts/flights.odcs.yaml': CONTRACT,
    'train.mjs': TRAIN,
    'evaluate.mjs': EVALUATE,
    'data/test.csv': csv(month(MONTHS.length)),
    'params.json': '{}',
    '.gitignore': 'out/\n.sluice/\n',
    ...train,
  });
  const root = path.join(repository.root, 'served');
  const server = await startModelServer(root);
  try {
    await repository.write({ 'sluice.yaml': config(server.reload) });
    const env = {
      MODEL_STORE: path.join(repository.root, 'store'),
      MODEL_ROOT: root,
      MODEL_URL: server.url,
      GITHUB_ACTOR: 'ada',
    };
    const found = await scenes(repository, env);
    return found.map(({ name, markdown }) => ({
      name,
      markdown: markdown.replaceAll(repository.root, '/srv'),
    }));
  } finally {
    await server.stop();
    await repository.remove();
  }
}

async function scenes(repository: TestRepository, env: Readonly<Record<string, string>>): Promise<Scene[]> {
  const run = async (action: string, inputs: Readonly<Record<string, string>> = {}): Promise<StepResult> => {
    const step = await runStep(action, { workspace: repository.workspace, inputs, env });
    if (step.summary === '') throw new Error(`${action} wrote no summary\n${step.stdout}`);
    return step;
  };
  const release = async (
    model: Trained,
  ): Promise<Readonly<Record<'data' | 'training' | 'version', StepResult>>> => {
    await repository.write({ 'params.json': JSON.stringify(model) });
    await repository.commit('Train another model');
    const data = await run('validate-data');
    const training = await run('train');
    await run('evaluate-gate');
    return { data, training, version: await run('register-model') };
  };
  await release({ noise: 0.9, seed: 1, bias: 1 });
  await run('deploy', { environment: 'production' });
  const { training, version } = await release({ noise: 0.6, seed: 1, bias: 2 });
  const deployed = await run('deploy', { environment: 'production', reason: 'Better AUC' });
  const fetched = await run('fetch-model', { environment: 'production', path: 'image/model' });
  await release({ noise: 0.59, seed: 1, bias: 3, forgets: 1 });
  const restored = await run('deploy', { environment: 'production' });
  const back = await run('rollback', { environment: 'production', reason: 'Too many false alarms at EWR' });
  const broken = await brokenData(repository, run);
  return [
    { name: 'validate-data', markdown: broken.summary },
    { name: 'train', markdown: training.summary },
    { name: 'register-model', markdown: version.summary },
    { name: 'deploy', markdown: deployed.summary },
    { name: 'deploy-restored', markdown: restored.summary },
    { name: 'rollback', markdown: back.summary },
    { name: 'fetch-model', markdown: fetched.summary },
  ];
}

/** A month with a carrier nobody knows and some flights twice. */
async function brokenData(
  repository: TestRepository,
  run: (action: string) => Promise<StepResult>,
): Promise<StepResult> {
  const rows = month(2);
  const wrong = rows.map((row, i) => (i % 997 === 11 ? row.replace(/,[A-Z0-9]{2},/, ',ZZ,') : row));
  await repository.write({ 'data/train/2013-10.csv': csv([...wrong, ...rows.slice(100, 103)]) });
  return run('validate-data');
}

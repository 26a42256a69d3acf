import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { errorCode } from '@sluice/core/action/errors.ts';
import { sha256 as digestOf } from '@sluice/core/digest/files.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import {
  EVIDENCE_FOLDER,
  provenanceStatement,
  testResultStatement,
  writeStatement,
} from '@sluice/core/evidence/statement.ts';
import { writerOf } from '@sluice/core/evidence/writer.ts';
import { runStep, type Kill, type StepResult } from './action.ts';
import { createRepository, type TestRepository } from './repository.ts';

const CONFIG = `version: 1
model: flight-delay
train: { model-path: out/model, metrics: out/metrics.json }
registry: { type: git, store: 'dir:\${MODEL_STORE}' }
card: { intended-use: Planning., license: apache-2.0 }
`;
const DATA = 'd'.repeat(64);

/** Results of the statements that steps before register-model leave. */
export type Result = 'PASSED' | 'WARNED' | 'FAILED';

type Env = Readonly<Record<string, string>>;

interface More {
  readonly workspace?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly kill?: Kill;
}

/** A repository with sluice.yaml, and a store beside it. */
export interface Project {
  readonly repository: TestRepository;
  /** Path of the store. */
  readonly store: string;
  /** Leaves a model and evidence as train, validate-data and evaluate-gate do. Returns the model digest. */
  train(weights: string, gate?: Result | 'none', data?: Result, env?: Env): Promise<string>;
  /** Runs the step. */
  register(inputs?: Readonly<Record<string, string>>, more?: More): Promise<StepResult>;
}

/** `config` is the text of sluice.yaml; by default the registry is git and the store a folder. */
export async function startProject(config = CONFIG): Promise<Project> {
  const repository = await createRepository({ 'sluice.yaml': config, '.gitignore': 'out/\n.sluice/\n' });
  const store = path.join(repository.root, 'store');
  return {
    repository,
    store,
    train: (weights, gate, data, env) => train(repository, weights, gate, data, env),
    register: (inputs = {}, more = {}) =>
      runStep('register-model', {
        workspace: more.workspace ?? repository.workspace,
        inputs,
        env: { MODEL_STORE: store, GITHUB_ACTOR: 'ada', ...more.env },
        ...(more.kill === undefined ? {} : { kill: more.kill }),
      }),
  };
}

async function train(
  repository: TestRepository,
  weights: string,
  gate: Result | 'none' = 'PASSED',
  data: Result = 'PASSED',
  env: Env = {},
): Promise<string> {
  await repository.write({
    'out/model/weights': weights,
    'out/model/meta/info.json': '{}',
    'out/metrics.json': '{"auc": 0.75, "time": {"fit": 12.5}}',
    '.sluice/gate/predictions.csv': 'id,label,prediction\n1,0,0\n',
    '.sluice/gate/gate.json': `{"metrics":{"auc":0.7512},"test-set-digest":"${'e'.repeat(64)}","test-set-md5":"md5:${'d'.repeat(32)}","predictions":"predictions.csv"}`,
  });
  return leaveEvidence(repository, gate, data, env);
}

/**
 * Writes the statements of validate-data, train and evaluate-gate about `out/model` and the numbers that are there now.
 * Returns the model digest. `env` is that of their run.
 */
export async function leaveEvidence(
  repository: TestRepository,
  gate: Result | 'none' = 'PASSED',
  data: Result = 'PASSED',
  env: Env = {},
): Promise<string> {
  const sha256 = (await digestModel(path.join(repository.workspace, 'out/model'))).sha256;
  const writer = writerOf(env, await repository.git('rev-parse', 'HEAD'));
  const subject = [{ name: 'model:flight-delay', sha256 }];
  const build = {
    buildType: 'https://example.com/train',
    externalParameters: { params: { 'params.yaml': { trees: 10, split: { by: 'month' } } } },
    resolvedDependencies: [
      { name: 'checkout', digest: { gitCommit: 'c'.repeat(40) } },
      { name: 'train.csv', digest: { sha256: DATA }, annotations: { role: 'data' } },
    ],
  };
  await writeStatement(
    repository.workspace,
    EVIDENCE_FOLDER,
    'validate-data',
    testResultStatement([{ name: 'train.csv', sha256: DATA }], {
      result: data,
      configuration: [],
      failedTests: data === 'FAILED' ? ['range-dep-hour'] : [],
    }),
    writer,
  );
  await writeStatement(
    repository.workspace,
    EVIDENCE_FOLDER,
    'train',
    provenanceStatement(subject, {
      buildDefinition: build,
      runDetails: { builder: { id: 'test' } },
    }),
    writer,
  );
  if (gate !== 'none') {
    await writeStatement(
      repository.workspace,
      EVIDENCE_FOLDER,
      'evaluate-gate',
      testResultStatement([...subject, ...(await numbers(repository, GATE_LEAVES))], {
        result: gate,
        configuration: [
          { name: 'test.csv', digest: { sha256: 'e'.repeat(64) } },
          { name: 'rules', digest: { sha256: 'f'.repeat(64) } },
          ...(await numbers(repository, GATE_READS)).map(({ name, sha256 }) => ({
            name,
            digest: { sha256 },
          })),
        ],
        failedTests: gate === 'FAILED' ? ['auc'] : [],
      }),
      writer,
    );
  }
  return sha256;
}

const GATE_LEAVES = {
  'gate.json': '.sluice/gate/gate.json',
  'predictions.csv': '.sluice/gate/predictions.csv',
};
const GATE_READS = { metrics: 'out/metrics.json' };

/** The files of these that are there, with their digests. */
async function numbers(
  { workspace }: TestRepository,
  files: Readonly<Record<string, string>>,
): Promise<{ name: string; sha256: string }[]> {
  const found: { name: string; sha256: string }[] = [];
  for (const [name, file] of Object.entries(files)) {
    try {
      found.push({ name, sha256: digestOf(await readFile(path.join(workspace, file))) });
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
  return found;
}

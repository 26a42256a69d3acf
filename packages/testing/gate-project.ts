import { isPredictions } from '@sluice/core/evidence/bound-files.ts';
import { PASSPORT } from '@sluice/core/evidence/passport.ts';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { sha256 as digestOf } from '@sluice/core/digest/files.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import { testResultStatement } from '@sluice/core/evidence/statement.ts';
import { directoryStore } from '@sluice/core/store/directory/store.ts';
import { runStep, type StepResult } from './action.ts';
import { runFor } from './event.ts';
import type { GitHubDouble } from './github/server.ts';
import { silentLog } from './log.ts';
import { createRepository, runGit, type TestRepository } from './repository.ts';

/** A scorer without dependencies: the model's `errors` is the share of rows that it gets wrong. */
const EVALUATE = `
import { readFileSync, writeFileSync } from 'node:fs';
const [, , modelFile, predictionsFile] = process.argv;
const { errors } = JSON.parse(readFileSync(modelFile, 'utf8'));
const [, ...rows] = readFileSync('data/test.csv', 'utf8').trim().split('\\n').map((line) => line.split(','));
const scored = rows.map(([id, carrier, label], i) => {
  const wrong = (i * 37) % 100 < errors * 100;
  const prediction = wrong ? 1 - Number(label) : Number(label);
  return [id, label, prediction, prediction === 1 ? 0.8 : 0.2, carrier].join(',');
});
writeFileSync(predictionsFile, ['id,label,prediction,score,carrier', ...scored].join('\\n') + '\\n');
console.log('scored ' + rows.length + ' rows');
`;

const CONFIG = `
version: 1
model: flights
data: {test: data/test.csv}
train: {model-path: out/model.json}
gate:
  evaluate: node evaluate.mjs {model-path} {predictions}
  rules:
    - {metric: accuracy, min: 0.6, max-regression: 0.02}
`;

/** Says that versions of it are registered. */
const PIPELINE = `
on: push
jobs: {pipeline: {runs-on: ubuntu-latest, steps: [{uses: sluice-ml/sluice/actions/register-model@v1}]}}
`;

/** A test set of 200 rows of two carriers. */
export function testRows(rows = 200): string {
  const lines = Array.from({ length: rows }, (_, i) => `f${i},${i % 4 === 0 ? 'AA' : 'UA'},${i % 2}`);
  return ['id,carrier,label', ...lines].join('\n') + '\n';
}

/** A repository with a model to judge, a remote, a store, and a way to register what it holds. */
export interface GateProject extends TestRepository {
  /** Writes the candidate: a model that gets this share of the rows wrong, or what another scorer reads. */
  candidate(model: number | object): Promise<void>;
  /** Stores a model with its companions and tags it on the remote, as register-model does. */
  register(
    version: string,
    model: number | object,
    companions?: Readonly<Record<string, string>>,
    more?: Registered,
  ): Promise<string>;
  /** Makes a registered version live. */
  assign(version: string, environment: string): Promise<void>;
  gate(options?: GateRun): Promise<StepResult>;
  /** A file the gate left, such as `.sluice/gate/gate.json`. */
  read(file: string): Promise<string>;
}

/** How a version was registered: 3 days ago and not by a run, unless said otherwise. */
export interface Registered {
  readonly daysAgo?: number;
  /** Address of the run. */
  readonly run?: string;
}

export interface GateRun {
  /** Another checkout than the project's own. */
  readonly workspace?: string;
  /** Head of the pull request; default: what is checked out. */
  readonly head?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly kill?: { readonly signal: NodeJS.Signals; readonly after: string };
  /** Talk to this server about pull request 7. */
  readonly github?: GitHubDouble;
  readonly fork?: boolean;
}

/** Head of a pull request where nothing is checked out. */
export const HEAD_SHA = 'c'.repeat(40);

export async function createGateProject(config = CONFIG): Promise<GateProject> {
  const repository = await createRepository({
    'sluice.yaml': config,
    'evaluate.mjs': EVALUATE,
    'data/test.csv': testRows(),
    '.gitignore': '.sluice/\nout/\n',
    '.github/workflows/pipeline.yml': PIPELINE,
  });
  const store = directoryStore(path.join(repository.root, 'store'), { log: silentLog });
  const commits = new Map<string, string>();
  let counter = 0;
  let runs = 0;
  return {
    ...repository,
    candidate: (model) => repository.write({ 'out/model.json': modelText(model) }),
    async register(version, model, companions = {}, { daysAgo = 3, run } = {}) {
      const file = path.join(repository.root, 'model.json');
      await writeFile(file, modelText(model));
      const { sha256 } = await digestModel(file);
      const texts = Object.entries(companions).map(([name, text]) => [name, { text }] as const);
      const passport = passportOf(sha256, companions);
      await store.put('flights', sha256, file, new Map([...texts, [PASSPORT, { text: passport }]]));
      const commit = await repository.commit(`Register ${version}`);
      commits.set(version, commit);
      const metrics = companions['metrics.json'];
      const trailers = [
        `Model-Digest: sha256:${sha256}`,
        `Passport-Digest: sha256:${digestOf(passport)}`,
        `Store: ${store.uri}`,
        ...(metrics === undefined
          ? []
          : [`Metrics: ${metrics}`, `Metrics-Digest: sha256:${digestOf(metrics)}`]),
        ...Object.entries(companions)
          .filter(([name]) => isPredictions(name))
          .map(([name, text]) => `Predictions: ${name} sha256:${digestOf(text)}`),
        ...(run === undefined ? [] : [`Run: ${run}`]),
      ];
      const message = `Register ${version}\n\n${trailers.join('\n')}\n`;
      await repository.tag(`flights@${version}`, {
        commit,
        time: new Date(Date.now() - daysAgo * 86_400_000),
        message,
      });
      return sha256;
    },
    async assign(version, environment) {
      const commit = commits.get(version) as string;
      const time = new Date(Date.now() - 86_400_000 + ++counter * 1000);
      await repository.tag(`flights#${environment}#${counter}`, { commit, time, message: 'Deploy\n' });
    },
    async gate({
      workspace = repository.workspace,
      head,
      inputs = {},
      env = {},
      kill,
      github,
      fork = false,
    } = {}) {
      const run = 42 + runs++;
      const sha = head ?? (await runGit(workspace, ['rev-parse', 'HEAD']));
      return runStep('evaluate-gate', {
        workspace,
        inputs: { ...(github === undefined ? {} : { 'github-token': 'ghs_test' }), ...inputs },
        env: {
          ...(github === undefined
            ? {}
            : await pullRequest({ root: repository.root, run, github, fork, head: sha })),
          ...env,
        },
        ...(kill === undefined ? {} : { kill }),
      });
    },
    read: (file) => readFile(path.join(repository.workspace, file), 'utf8'),
  };
}

/** One gate statement that vouches for the model and what lies beside it. */
function passportOf(model: string, companions: Readonly<Record<string, string>>): string {
  const subject = { name: 'model:flights', sha256: model };
  const files = Object.entries(companions).map(([name, text]) => ({ name, sha256: digestOf(text) }));
  const statement = testResultStatement([subject, ...files], { result: 'PASSED', configuration: [] });
  return `${JSON.stringify(statement)}\n`;
}

function modelText(model: number | object): string {
  return JSON.stringify(typeof model === 'number' ? { errors: model } : model);
}

interface Run {
  /** Where the event is written. */
  readonly root: string;
  readonly run: number;
  readonly github: Pick<GitHubDouble, 'env'>;
  readonly fork?: boolean;
  readonly head?: string | undefined;
}

/** Environment of a step that runs for pull request 7. */
export async function pullRequest({
  root,
  run,
  github,
  fork = false,
  head: sha = HEAD_SHA,
}: Run): Promise<Record<string, string>> {
  const head = { sha, repo: { full_name: fork ? 'eve/flights' : 'acme/flights' } };
  const base = { ref: 'main', repo: { full_name: 'acme/flights' } };
  const payload = { pull_request: { number: 7, head, base } };
  return runFor({ root, run, github, name: 'pull_request', payload });
}

/** A folder that is no repository, with these files. */
export async function plainFolder(
  files: Readonly<Record<string, string>>,
): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sluice-gate-test-'));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

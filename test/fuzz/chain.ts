import { execFile } from 'node:child_process';
import { readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { leaveEvidence, startProject, type Project } from '@sluice/testing/project.ts';
import { runGit } from '@sluice/testing/repository.ts';
import { digestModel } from '@sluice/core/digest/model.ts';
import { anyJson, mutateBytes, mutateText } from './mutate.ts';
import type { Random } from './random.ts';
import { Finding } from './step.ts';

const execute = promisify(execFile);
const ACTIONS = ['train', 'register-model', 'deploy', 'rollback', 'fetch-model'] as const;
type Action = (typeof ACTIONS)[number];

const MODEL = 'flight-delay';
const LOCK = `refs/sluice/rollouts/${MODEL}/production`;
const CONFIG = `version: 1
model: ${MODEL}
train: { run: sh train.sh, model-path: out/model, metrics: out/metrics.json, sources: [train.sh], params: params.yaml }
registry: { type: git, store: 'dir:\${MODEL_STORE}' }
environments:
  production:
    target: { type: directory, path: '\${MODEL_ROOT}' }
`;
const INPUTS: Readonly<Record<Action, Readonly<Record<string, string>>>> = {
  train: {},
  'register-model': {},
  deploy: { environment: 'production' },
  rollback: { environment: 'production', reason: 'predicts nonsense' },
  'fetch-model': { environment: 'production' },
};

/** A project with three versions, the second of them live, and a fourth model with its evidence; and a copy to begin from. */
interface World {
  readonly project: Project;
  readonly served: string;
  readonly pristine: string;
}

let started: Promise<World> | undefined;

async function start(): Promise<World> {
  const project = await startProject(CONFIG);
  const { repository } = project;
  const world = {
    project,
    served: path.join(repository.root, 'served'),
    pristine: `${repository.root}-pristine`,
  };
  const script =
    'mkdir -p out/model; echo w9 > out/model/weights; echo \'{"auc": 0.75}\' > out/metrics.json\n';
  await repository.write({ 'train.sh': script, 'params.yaml': 'trees: 10\n' });
  for (const weights of ['w1', 'w2', 'w3', 'w4']) {
    await project.train(weights);
    await repository.commit(weights);
    await leaveEvidence(repository);
    if (weights !== 'w4') await done(world, 'register-model');
    if (weights === 'w1' || weights === 'w2') await done(world, 'deploy');
  }
  await execute('cp', ['-a', repository.root, world.pristine]);
  process.once('exit', () => void rm(repository.root, { recursive: true, force: true }));
  return world;
}

async function done(world: World, action: Action): Promise<void> {
  const step = await runIn(world, action);
  if (step.code !== 0) throw new Error(`${action} is red before anything is wrong: ${step.stdout}`);
}

const runIn = ({ project, served }: World, action: Action): Promise<StepResult> =>
  runStep(action, {
    workspace: project.repository.workspace,
    inputs: INPUTS[action],
    env: { MODEL_STORE: project.store, MODEL_ROOT: served, GITHUB_ACTOR: 'ada' },
  });

/** A built action in a project where a file, a tag, the store or the journal has faults. */
export async function judgeChain(random: Random): Promise<void> {
  started ??= start();
  const world = await started;
  const { root } = world.project.repository;
  await rm(root, { recursive: true, force: true });
  await execute('cp', ['-a', world.pristine, root]);
  for (let times = random.below(3); times > 0; times--) await random.pick(FAULTS)(world, random);
  const action = random.pick(ACTIONS);
  const step = await runIn(world, action);
  const decision = step.outputs['decision'] ?? `none, exit code ${step.code}: ${step.stdout.slice(-500)}`;
  const isGreen = decision === 'pass' || decision === 'warn';
  if (step.code !== (isGreen ? 0 : 1)) throw new Finding(`exit code ${step.code} with decision ${decision}`);
  if (step.outputs['reason-code'] === 'internal') throw new Finding(`internal: ${step.stdout}`);
  const untrue = isGreen ? await HOLDS[action](world, step) : undefined;
  if (untrue !== undefined) throw new Finding(`${action} is green, but ${untrue}: ${step.stdout}`);
}

type Fault = (world: World, random: Random) => Promise<unknown>;

const inFile = async (file: string, random: Random): Promise<void> => {
  const bytes = await readFile(file);
  const text = random.once(3) ? mutateBytes(bytes, random) : mutateText(bytes.toString('utf8'), random);
  await writeFile(file, text);
};

/** One of the files below a folder. */
async function inFolder(folder: string, random: Random): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((e) => path.join(e.parentPath, e.name));
  if (files.length > 0) await inFile(random.pick(files.sort()), random);
}

const FAULTS: readonly Fault[] = [
  ({ project }, random) => inFile(path.join(project.repository.workspace, 'sluice.yaml'), random),
  ({ project }, random) => inFile(path.join(project.repository.workspace, 'params.yaml'), random),
  ({ project }, random) => inFolder(path.join(project.repository.workspace, 'out'), random),
  ({ project }, random) => inFolder(path.join(project.repository.workspace, '.sluice'), random),
  ({ project }, random) => inFolder(project.store, random),
  ({ served }, random) => inFolder(served, random),
  tagFault,
  journalFault,
];

/** A tag of the remote with faults in its message or its head. */
async function tagFault({ project }: World, random: Random): Promise<void> {
  const { remote, root } = project.repository;
  const name = random.pick((await project.repository.tags()).sort());
  const text = await runGit(remote, ['cat-file', 'tag', name]);
  const file = path.join(root, 'tag');
  await writeFile(file, mutateText(text, random));
  const object = await runGit(remote, ['hash-object', '-w', '-t', 'tag', '--literally', file]);
  // git would not point a ref at what is no tag any more.
  await writeFile(path.join(remote, 'refs/tags', name), `${object}\n`);
}

/** Somebody who may push refs leaves what looks like the journal of a rollout that died. */
async function journalFault({ project }: World, random: Random): Promise<void> {
  const { remote, root } = project.repository;
  const file = path.join(root, 'rollout.json');
  const time = new Date(Date.now() - 3_600_000).toISOString();
  const times = { started: time, heartbeat: time, actor: 'hubot' };
  const journal = { claim: 'x', candidate: 'v3.0.0', previous: 'v1.0.0', step: 'switching', ...times };
  const text = JSON.stringify(random.once(6) ? anyJson(random) : journal);
  await writeFile(file, random.once(2) ? mutateText(text, random) : text);
  const index = { GIT_INDEX_FILE: path.join(root, 'index') };
  const blob = await runGit(remote, ['hash-object', '-w', file]);
  await runGit(remote, ['update-index', '--add', '--cacheinfo', `100644,${blob},rollout.json`], index);
  const tree = await runGit(remote, ['write-tree'], index);
  await runGit(remote, ['update-ref', LOCK, await runGit(remote, ['commit-tree', tree, '-m', 'lock'])]);
}

/** What a green step says is so, read from the disk and from git; what is not so, otherwise. */
const HOLDS: Readonly<Record<Action, (world: World, step: StepResult) => Promise<string | undefined>>> = {
  async train({ project }, { outputs }) {
    const model = path.resolve(project.repository.workspace, outputs['model-path'] ?? '');
    const { sha256 } = await digestModel(model);
    return outputs['model-digest'] === sha256 ? undefined : `the model's digest is ${sha256}`;
  },
  async 'register-model'({ project }, { outputs }) {
    const tag = await runGit(project.repository.remote, ['cat-file', 'tag', `refs/tags/${outputs['tag']}`]);
    const digest = outputs['model-digest'] ?? 'none';
    return tag.includes(`Model-Digest: ${digest}\n`) || tag.includes(`Model-Digest: sha256:${digest}\n`)
      ? undefined
      : `the tag says otherwise:\n${tag}`;
  },
  deploy: isServed,
  rollback: isServed,
  async 'fetch-model'(_, { outputs }) {
    const { sha256 } = await digestModel(outputs['path'] ?? '');
    return outputs['model-digest'] === sha256 ? undefined : `the model's digest is ${sha256}`;
  },
};

async function isServed({ served }: World, { outputs }: StepResult): Promise<string | undefined> {
  const version = outputs['version'] ?? 'none';
  const current = path.basename(await readlink(path.join(served, 'current')));
  if (current !== version) return `'current' points at ${current}`;
  const { sha256 } = await digestModel(path.join(served, 'releases', version, 'model'));
  const release = JSON.parse(
    await readFile(path.join(served, 'releases', version, 'release.json'), 'utf8'),
  ) as Readonly<Record<string, unknown>>;
  return String(release['model-digest']).endsWith(sha256)
    ? undefined
    : `its bytes have the digest ${sha256}, and release.json says ${String(release['model-digest'])}`;
}

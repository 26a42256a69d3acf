import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFile, readdir, rename, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { startProject, type Project } from '@sluice/testing/project.ts';

/*
 * What is stored is lost, elsewhere or not ours. Each step says what is the case and what to do, and each test does that, to
 * the word where it is a command, until a version is live.
 */

jest.setTimeout(120_000);

const CONFIG = `version: 1
model: flight-delay
train: { model-path: out/model, metrics: out/metrics.json }
gate: { rules: [{ metric: auc, direction: higher, min: 0.5, max-regression: 0.5 }] }
registry: { type: git, store: 'dir:\${MODEL_STORE}' }
environments:
  production: { target: { type: directory, path: '\${MODEL_ROOT}' } }
`;

let project: Project;
let root: string;
beforeEach(async () => {
  project = await startProject(CONFIG);
  root = path.join(project.repository.root, 'served');
});
afterEach(() => project.repository.remove());

type Env = Readonly<Record<string, string>>;

function run(
  action: 'deploy' | 'evaluate-gate',
  inputs: Readonly<Record<string, string>> = {},
  env: Env = {},
): Promise<StepResult> {
  return runStep(action, {
    workspace: project.repository.workspace,
    inputs: action === 'deploy' ? { environment: 'production', ...inputs } : inputs,
    env: { MODEL_STORE: project.store, MODEL_ROOT: root, GITHUB_ACTOR: 'ada', ...env },
  });
}

/** Replaces a part of sluice.yaml. */
const configure = async (from: string, to: string): Promise<void> => {
  const config = CONFIG.replace(from, to);
  expect(config).not.toBe(CONFIG);
  await project.repository.write({ 'sluice.yaml': config });
};

const served = (): Promise<string> => readFile(path.join(root, 'current/model/weights'), 'utf8');

/** The text of the step's one red or yellow line. */
const said = ({ annotations }: StepResult): string =>
  annotations.findLast(({ level }) => level !== 'notice')?.message ?? '';

/** Does what a message says, from the first of its git commands on, in the project's clone. */
async function obey(message: string): Promise<void> {
  const [commands] = /git fetch .*?git push origin '[^']+'/.exec(message) ?? [];
  if (commands === undefined) throw new Error(`no command in: ${message}`);
  const { workspace } = project.repository;
  const author = { GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' };
  await promisify(execFile)('sh', ['-c', commands], { cwd: workspace, env: { ...process.env, ...author } });
}

describe('bytes that are gone from the store', () => {
  let beside: string[];
  const companions = (digest: string): Promise<string[]> =>
    readdir(path.join(project.store, 'flight-delay/sha256', digest, 'companions'));
  beforeEach(async () => {
    const digest = await project.train('one');
    expect(await project.register()).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
    beside = await companions(digest);
    await rm(path.join(project.store, 'flight-delay'), { recursive: true });
  });

  test('are brought back by the run that has them and their evidence', async () => {
    const gone = await run('deploy');
    expect(gone).toMatchObject({ code: 1, outputs: { 'reason-code': 'missing-file' } });
    expect(said(gone)).toMatch(
      /bytes of v1\.0\.0 .* are not in dir:.*store\. .* register-model brings them back/,
    );
    const dry = await project.register({ 'dry-run': 'true' });
    expect(said(dry)).toMatch(/Not in dir:\S+ any more: its bytes, passport\.jsonl, .*would be put/);
    expect(await run('deploy')).toMatchObject({ code: 1 });
    const again = await project.register();
    expect(again).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'restored', version: 'v1.0.0', created: 'false' },
    });
    expect(await companions(String(again.outputs['model-digest']))).toEqual(beside);
    expect(await project.register()).toMatchObject({
      outputs: { decision: 'pass', 'reason-code': 'already-registered' },
    });
    expect(await run('deploy')).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
    expect(await served()).toBe('one');
  });

  test('come back as another version where the evidence that the tag names is lost', async () => {
    await project.train('one', 'PASSED', 'WARNED');
    const again = await project.register();
    expect(again).toMatchObject({
      code: 0,
      outputs: { decision: 'warn', 'reason-code': 'restored', version: 'v2.0.0', created: 'true' },
    });
    expect(said(again)).toMatch(/v1\.0\.0 has the same bytes, but .*its passport\.jsonl is not in dir:/);
    const first = await run('deploy', { version: 'v1.0.0' });
    expect(said(first)).toMatch(/v1\.0\.0 has no passport: .*register the model again.*new version/);
    expect(await run('deploy')).toMatchObject({ code: 0, outputs: { version: 'v2.0.0' } });
    expect(await served()).toBe('one');
    expect(await project.register()).toMatchObject({
      outputs: { 'reason-code': 'already-registered', version: 'v2.0.0' },
    });
  });

  test('stop no other model: the gate says how to take the version out of use', async () => {
    await project.train('two');
    const gate = await run('evaluate-gate');
    expect(gate).toMatchObject({ code: 1, outputs: { 'reason-code': 'missing-file' } });
    expect(said(gate)).toMatch(/nothing to compare with: v1\.0\.0 is the baseline\. The bytes .* are not in/);
    await obey(said(gate));
    const after = await run('evaluate-gate');
    expect(after).toMatchObject({ code: 0, result: { baseline: null } });
    expect(await project.register()).toMatchObject({ code: 0, outputs: { version: 'v2.0.0' } });
    expect(await run('deploy')).toMatchObject({ code: 0, outputs: { version: 'v2.0.0' } });
  });
});

describe('a store that moved', () => {
  const elsewhere = (): string => `${project.store}-elsewhere`;
  beforeEach(async () => {
    await project.train('one');
    await project.register();
    await rename(project.store, elsewhere());
  });

  test('is found where registry.store says it is, whatever the tags say', async () => {
    const gone = await run('deploy');
    expect(said(gone)).toMatch(/There is no folder \S+store on this runner\..*registry\.store/);
    const env = { MODEL_STORE: elsewhere() };
    expect(await run('deploy', {}, env)).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
    expect(await served()).toBe('one');
    expect(await project.register({}, { env })).toMatchObject({
      outputs: { decision: 'pass', 'reason-code': 'already-registered' },
    });
    expect(await run('evaluate-gate', {}, env)).toMatchObject({
      result: { baseline: { version: 'v1.0.0' } },
    });
  });

  test('is found where registry.former-stores says, and new versions go to the new store', async () => {
    await configure(
      "store: 'dir:${MODEL_STORE}'",
      `store: 'dir:\${MODEL_STORE}-new', former-stores: ['dir:${elsewhere()}']`,
    );
    await project.train('two');
    const second = await project.register();
    expect(second.outputs['uri']).toMatch(/^dir:\S+store-new\//);
    for (const [version, weights] of [
      ['v1.0.0', 'one'],
      ['v2.0.0', 'two'],
    ] as const) {
      expect(await run('deploy', { version })).toMatchObject({ code: 0, outputs: { version } });
      expect(await served()).toBe(weights);
    }
  });

  test('gives nothing but the bytes that the tag names', async () => {
    const digest = await project.train('one');
    const weights = path.join(elsewhere(), 'flight-delay/sha256', digest, 'model/weights');
    await project.repository.write({ x: 'y' });
    await rm(weights);
    await rename(path.join(project.repository.workspace, 'x'), weights);
    const step = await run('deploy', {}, { MODEL_STORE: elsewhere() });
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'evidence-mismatch' } });
  });
});

test('a folder of a runner of GitHub is no store for long: said at registration, with what to use, which helps', async () => {
  const env = { RUNNER_ENVIRONMENT: 'github-hosted' };
  await project.train('one');
  const registered = await project.register({}, { env });
  expect(registered).toMatchObject({
    code: 0,
    outputs: { decision: 'warn', 'reason-code': 'short-lived-store', version: 'v1.0.0' },
  });
  expect(said(registered)).toMatch(/goes with this job.*registry\.store to release: .* or s3:\/\//);
  await rm(project.store, { recursive: true });
  const next = await run('deploy', {}, env);
  expect(said(next)).toMatch(/There is no folder .* on this runner/);
  // On a runner of one's own, in another place.
  await project.train('one', 'PASSED', 'WARNED');
  const kept = { MODEL_STORE: `${project.store}-kept` };
  expect(await project.register({}, { env: kept })).toMatchObject({
    outputs: { decision: 'warn', 'reason-code': 'restored', version: 'v2.0.0' },
  });
  expect(await run('deploy', {}, kept)).toMatchObject({ code: 0, outputs: { version: 'v2.0.0' } });
});

test('versions that another tool registered stand in nobody’s way', async () => {
  const { repository } = project;
  const byHand = async (version: string): Promise<void> =>
    repository.tag(`flight-delay@${version}`, {
      commit: await repository.git('rev-parse', 'HEAD'),
      time: new Date(Date.now() - 3_600_000),
      message: 'by gto',
    });
  await byHand('v0.9.0');
  await project.train('one');
  const first = await run('evaluate-gate');
  expect(first).toMatchObject({ code: 0, result: { baseline: null } });
  expect(first.stdout).toContain('latest: v0.9.0 was registered by another tool, whose tag names no bytes');
  const foreign = await run('deploy');
  expect(said(foreign)).toMatch(
    /Tag flight-delay@v0\.9\.0 has no .Model-Digest: .*register the model with it/,
  );
  expect(await project.register()).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });

  await repository.commit('Go on');
  await byHand('v7.0.0');
  const deployed = await run('deploy');
  expect(deployed).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
  expect(deployed.annotations).toContainEqual(
    expect.objectContaining({
      level: 'notice',
      message: expect.stringContaining('Passed over, because another tool registered it') as unknown,
    }),
  );
  await project.train('two');
  expect(await run('evaluate-gate')).toMatchObject({ result: { baseline: { version: 'v1.0.0' } } });
  await project.train('two');
  expect(await project.register()).toMatchObject({ code: 0, outputs: { version: 'v8.0.0' } });
});

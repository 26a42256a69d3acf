import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFile, readdir, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runStep, type Kill, type StepResult } from '@sluice/testing/action.ts';
import { GitHubDouble } from '@sluice/testing/github/server.ts';
import { startRenamed } from '@sluice/testing/github/renamed.ts';
import { runGit } from '@sluice/testing/repository.ts';
import { startProject, type Project } from '@sluice/testing/project.ts';

const CONFIG = `version: 1
model: flight-delay
train: { model-path: out/model, metrics: out/metrics.json }
registry: { type: git, store: 'release:' }
environments:
  production: { target: { type: directory, path: '\${SERVED}' } }
`;
const TOKEN = { 'github-token': 'ghs_test' };

let github: GitHubDouble;
let project: Project;
let digest: string;
beforeEach(async () => {
  github = new GitHubDouble({ permissions: { contents: 'write' } });
  await github.start();
  project = await startProject(CONFIG);
  digest = await project.train('one');
});
afterEach(async () => {
  await project.repository.remove();
  await github.stop();
  expect(github.violations).toEqual([]);
});

const served = (): string => path.join(project.repository.root, 'served');
const register = (): Promise<StepResult> =>
  project.register(TOKEN, { env: { ...github.env, SERVED: served() } });
const deploy = (kill?: Kill): Promise<StepResult> =>
  runStep('deploy', {
    workspace: project.repository.workspace,
    inputs: TOKEN,
    env: { ...github.env, SERVED: served(), GITHUB_ACTOR: 'ada' },
    ...(kill && { kill }),
  });

test('a model goes into a release of the repository and is deployed from there', async () => {
  const tag = `flight-delay/sha256/${digest}`;
  const registered = await register();
  expect(registered.outputs).toMatchObject({
    decision: 'pass',
    version: 'v1.0.0',
    uri: `release:acme/flights/${tag}`,
  });
  expect(registered.stdout).toMatch(/Uploading flight-delay .* to a release of acme\/flights: 5 B in /);
  const [release, ...others] = github.state.releases.stored;
  expect(others).toEqual([]);
  expect(release).toMatchObject({ tag, draft: false });
  expect(release?.assets.map(({ name }) => name).sort()).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^beside-[0-9a-f]{64}-metrics\.json$/),
      expect.stringMatching(/^beside-[0-9a-f]{64}-passport\.jsonl$/),
      'entry.json',
      'model-0001',
      'weights',
    ]),
  );
  // GitHub gives the release its lightweight tag, which is no version.
  const { workspace } = project.repository;
  await runGit(workspace, ['tag', tag]);
  await runGit(workspace, ['push', '-q', 'origin', tag]);

  const again = await register();
  expect(again.outputs).toMatchObject({ 'reason-code': 'already-registered', version: 'v1.0.0' });
  expect(again.outputs['evidence']).not.toBe('');

  github.state.permit({ contents: 'read' });
  const deployed = await deploy();
  // A warning, because there is no server to ask.
  expect(deployed.outputs).toMatchObject({
    decision: 'warn',
    'reason-code': 'not-verified',
    version: 'v1.0.0',
  });
  expect(await readFile(path.join(served(), 'current/model/weights'), 'utf8')).toBe('one');

  const fetched = await runStep('fetch-model', {
    workspace,
    inputs: { ...TOKEN, environment: 'production' },
    env: { ...github.env, SERVED: served() },
  });
  expect(fetched.outputs).toMatchObject({ decision: 'pass', version: 'v1.0.0', 'model-digest': digest });
  expect(await readFile(path.join(workspace, 'model/weights'), 'utf8')).toBe('one');
});

test('a job without the right is told the YAML, and registers nothing', async () => {
  github.state.permit({ contents: 'read' });
  const refused = await register();
  expect(refused.outputs).toMatchObject({ decision: 'error', 'reason-code': 'no-permission' });
  expect(refused.annotations[0]?.message).toContain('permissions:\n  contents: write');
  expect(github.state.releases.stored).toEqual([]);
});

test('a deployment that is cancelled while the bytes come ends at once and leaves nothing', async () => {
  await register();
  const model = github.state.releases.stored[0]?.assets.find(({ name }) => name === 'weights');
  github.assets.fail({ method: 'GET', path: new RegExp(`/storage/${model?.id ?? 0}$`), kind: 'silent' });
  const coming = (async () => {
    while (github.assets.silenced.length === 0) await sleep(20);
  })();
  const cancelled = await deploy({ signal: 'SIGINT', after: coming });
  expect(cancelled.outputs).toMatchObject({ decision: 'error', 'reason-code': 'cancelled' });
  expect(github.assets.silenced).toHaveLength(1);
  expect(await readdir(path.join(served(), 'releases'))).toEqual([]);
});

test('a release whose bytes were changed is not deployed', async () => {
  await register();
  const { releases } = github.state;
  const model = releases.stored[0]?.assets.find(({ name }) => name === 'weights');
  if (model === undefined) throw new Error('there is no model');
  model.content = Buffer.from(model.content.toString('utf8').replace('one', 'two'));
  const refused = await deploy();
  expect(refused.outputs).toMatchObject({ 'reason-code': 'evidence-mismatch' });
  expect(refused.annotations[0]?.message).toContain('weights');
});

test('a repository that was renamed keeps its models, under either name of its store', async () => {
  const { repository } = project;
  const front = await startRenamed(github, 'acme/old-name');
  const run = (action: 'deploy' | 'register-model', when: 'before' | 'today'): Promise<StepResult> => {
    const env = { ...front.env(when), SERVED: served(), GITHUB_ACTOR: 'ada' };
    return runStep(action, { workspace: repository.workspace, inputs: TOKEN, env });
  };
  try {
    expect((await run('register-model', 'before')).outputs).toMatchObject({
      uri: expect.stringMatching(/^release:acme\/old-name\//) as unknown,
    });
    front.rename();
    expect((await run('deploy', 'today')).outputs).toMatchObject({
      'reason-code': 'not-verified',
      version: 'v1.0.0',
    });
    expect((await run('register-model', 'today')).outputs['reason-code']).toBe('already-registered');

    // What names the old one still reads it, and is told the new one where it would write.
    await repository.write({ 'sluice.yaml': CONFIG.replace('release:', 'release:acme/old-name') });
    await rm(served(), { recursive: true });
    expect((await run('deploy', 'today')).outputs).toMatchObject({
      'reason-code': 'not-verified',
      version: 'v1.0.0',
    });
    await project.train('two');
    const refused = await run('register-model', 'today');
    expect(refused.outputs['reason-code']).toBe('bad-config');
    expect(refused.result['message']).toMatch(
      /acme\/old-name .* renamed or moved.*registry\.store \(release: alone/,
    );
    await repository.write({ 'sluice.yaml': CONFIG });
    expect((await run('register-model', 'today')).outputs).toMatchObject({ version: 'v2.0.0' });
    expect((await run('deploy', 'today')).outputs).toMatchObject({
      'reason-code': 'not-verified',
      version: 'v2.0.0',
    });
  } finally {
    await front.stop();
  }
});

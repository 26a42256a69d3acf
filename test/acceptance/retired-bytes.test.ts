import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import * as path from 'node:path';
import { runStep, type StepResult } from '@sluice/testing/action.ts';
import { startModelServer, type RunningServer } from '@sluice/testing/model-server.ts';
import { startProject, type Project } from '@sluice/testing/project.ts';

// Each test registers and deploys several versions, each by a step that is a process of its own.
jest.setTimeout(120_000);

let project: Project;
let server: RunningServer;
beforeEach(async () => {
  project = await startProject();
  server = await startModelServer(path.join(project.repository.root, 'served'));
});
afterEach(async () => {
  await server.stop();
  await project.repository.remove();
});

function step(
  action: 'deploy' | 'rollback',
  inputs: Readonly<Record<string, string>> = {},
): Promise<StepResult> {
  const root = path.join(project.repository.root, 'served');
  return runStep(action, {
    workspace: project.repository.workspace,
    inputs: {
      environment: 'production',
      target: `{type: directory, path: '${root}', reload: '${server.reload}', url: '${server.url}'}`,
      ...inputs,
    },
    env: { MODEL_STORE: project.store, GITHUB_ACTOR: 'ada' },
  });
}

/** Commits a model with this bias as a pipeline would, and registers it. */
async function register(bias: number): Promise<StepResult> {
  const { repository } = project;
  await repository.git('commit', '--allow-empty', '--quiet', '-m', `Train with ${bias}`);
  await repository.write({ 'out/model/model.json': JSON.stringify({ bias }) });
  await project.train('the same for all');
  return project.register();
}

/** By hand, as `gto deprecate` does; later than the ledger's own tags, which may be dated some seconds ahead. */
async function deregister(version: string): Promise<void> {
  const { repository } = project;
  const commit = await repository.remoteGit('rev-parse', `flight-delay@${version}^{commit}`);
  const time = new Date(Date.now() + 60_000);
  await repository.tag(`flight-delay@${version}!`, { commit, time, message: 'retired' });
}

async function served(): Promise<unknown> {
  return ((await (await fetch(`${server.url}/version`)).json()) as { version: unknown }).version;
}

/** Versions v1.0.0 and v2.0.0, deployed one after the other. */
async function deployBoth(): Promise<void> {
  for (const bias of [1, 2]) {
    expect(await register(bias)).toMatchObject({ code: 0, outputs: { version: `v${bias}.0.0` } });
    expect(await step('deploy')).toMatchObject({ code: 0, outputs: { version: `v${bias}.0.0` } });
  }
}

const REFUSED = { code: 1, outputs: { decision: 'fail', 'reason-code': 'quarantined' } };

/** The pipeline runs again and makes the bytes of v2.0.0: they are registered as v3.0.0, and somebody is told. */
async function registerAgain(...says: readonly string[]): Promise<void> {
  const again = await register(2);
  expect(again).toMatchObject({
    code: 0,
    outputs: { decision: 'warn', 'reason-code': 'retired-bytes', version: 'v3.0.0', created: 'true' },
  });
  const warning = again.annotations.find(({ level }) => level === 'warning')?.message;
  for (const text of says) expect(warning).toContain(text);
}

test('bytes that were rolled back and retired come back as another version only by a release', async () => {
  await deployBoth();
  expect(await step('rollback', { reason: 'predicts nonsense' })).toMatchObject({ code: 0 });
  await deregister('v2.0.0');
  await registerAgain('v2.0.0, which was deregistered', 'v2.0.0, which is quarantined in production');

  const refused = await step('deploy');
  expect(refused).toMatchObject(REFUSED);
  expect(refused.outputs['result']).toMatch(/v3\.0\.0 has the bytes of v2\.0\.0, .*predicts nonsense/);
  expect(await served()).toBe('v1.0.0');

  const released = await step('deploy', { 'release-quarantine': 'true' });
  expect(released).toMatchObject({ code: 0, outputs: { 'reason-code': 'not-verified', version: 'v3.0.0' } });
  expect(await served()).toBe('v3.0.0');
  expect(await step('deploy', { version: 'v1.0.0' })).toMatchObject({ code: 0 });
  expect(await step('deploy')).toMatchObject({ code: 0, outputs: { version: 'v3.0.0' } });
});

test('bytes that were deregistered, and never rolled back anywhere, are kept out too', async () => {
  await register(1);
  expect(await step('deploy')).toMatchObject({ code: 0 });
  await register(2);
  await deregister('v2.0.0');
  await registerAgain('v2.0.0, which was deregistered');

  const refused = await step('deploy');
  expect(refused).toMatchObject(REFUSED);
  expect(refused.outputs['result']).toContain('the bytes of v2.0.0, which was deregistered');
  expect(await served()).toBe('v1.0.0');
  expect(await step('deploy', { 'release-quarantine': 'true' })).toMatchObject({
    code: 0,
    outputs: { version: 'v3.0.0' },
  });
  expect(await served()).toBe('v3.0.0');
});

test('the number of a version whose tag was deleted is not given again while a deployment names it', async () => {
  await deployBoth();
  await project.repository.remoteGit('tag', '--delete', 'flight-delay@v2.0.0');
  const next = await register(3);
  expect(next).toMatchObject({ code: 0, outputs: { version: 'v3.0.0', tag: 'flight-delay@v3.0.0' } });
  expect(next.annotations).toContainEqual(
    expect.objectContaining({
      level: 'warning',
      message: expect.stringContaining('its own tag flight-delay@v2.0.0 is gone') as unknown,
    }),
  );
  await project.train('other bytes');
  const taken = await project.register({ version: 'v2.0.0' });
  expect(taken).toMatchObject({ code: 1, outputs: { 'reason-code': 'version-exists' } });
  expect(await project.repository.tags()).not.toContain('flight-delay@v2.0.0');
  expect(await step('deploy')).toMatchObject({ code: 0, outputs: { version: 'v3.0.0' } });
  expect(await served()).toBe('v3.0.0');
});

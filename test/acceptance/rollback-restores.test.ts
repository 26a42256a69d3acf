import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { rm } from 'node:fs/promises';
import * as path from 'node:path';
import { serveGit } from '@sluice/testing/git-server.ts';
import { IMPATIENT, startProduction, type Production } from '@sluice/testing/production.ts';

/*
 * Rollbacks that fail. One environment serves v2.0.0 after v1.0.0. Before the traffic moved, everything stays as it was;
 * afterwards v2.0.0, which was to be left, is never served again, and running the step once more ends at v1.0.0.
 */

jest.setTimeout(60_000);

let production: Production;
beforeAll(async () => {
  production = await startProduction();
  for (const bias of [1, 2]) {
    await production.register({ bias });
    expect(await production.run('deploy')).toMatchObject({ code: 0 });
  }
});
afterEach(async () => {
  await production.configure();
  await rm(path.join(production.repository.remote, 'hooks', 'pre-receive'), { force: true });
  if ((await production.ledgerLive()) === 'v2.0.0') return;
  const back = await production.run('deploy', { version: 'v2.0.0', 'release-quarantine': 'true' });
  expect(back).toMatchObject({ code: 0 });
});
afterAll(() => production.remove());

const because = { reason: 'predicts nonsense' };

async function expectUntouched(): Promise<void> {
  expect(await production.served()).toEqual({ version: 'v2.0.0', prediction: 2 });
  const environment = (await production.ledger()).environments.get('production');
  expect(environment?.live?.version).toBe('v2.0.0');
  expect([...(environment?.quarantined ?? [])]).toEqual([]);
  expect(await production.locks()).toBe('');
}

/** v1.0.0 answers, the ledger says so, v2.0.0 is quarantined, and no lock is left. */
async function expectBack(): Promise<void> {
  expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 1 });
  const environment = (await production.ledger()).environments.get('production');
  expect(environment?.live?.version).toBe('v1.0.0');
  expect([...(environment?.quarantined ?? [])]).toEqual(['v2.0.0']);
  expect(await production.locks()).toBe('');
}

/** The step once more goes on from where the last one left. */
async function expectFinished(): Promise<void> {
  expect(await production.ledgerLive()).toBe('v2.0.0');
  expect(await production.locks()).not.toBe('');
  const next = await production.run('rollback', because);
  expect(next).toMatchObject({ code: 0, outputs: { decision: 'pass', version: 'v1.0.0' } });
  expect(next.result['message']).toContain('it is finished, and the ledger says so');
  await expectBack();
}

/** Like GitHub: without the token nobody may even read. */
async function behindToken(body: (env: Record<string, string>) => Promise<void>): Promise<void> {
  const server = await serveGit(production.repository.root, (authorization) => authorization === 'basic x');
  const url = await production.repository.git('remote', 'get-url', 'origin');
  try {
    await production.repository.git('remote', 'set-url', 'origin', `${server.origin}/remote.git`);
    await body({ GITHUB_SERVER_URL: server.origin });
  } finally {
    await production.repository.git('remote', 'set-url', 'origin', url.trim());
    await server.close();
  }
}

test.each([
  ['deploy', {}],
  ['rollback', because],
] as const)('%s without a token says which permission to give', async (action, inputs) => {
  await behindToken(async (env) => {
    const step = await production.run(action, inputs, { env });
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': 'no-permission' } });
    expect(step.result['message']).toMatch(/permissions:\n {2}contents: write/);
  });
  await expectUntouched();
});

describe('rollback never puts back what it was to leave', () => {
  test('when the earlier version fails its checks: it answers, so it stays, and the ledger says so', async () => {
    await production.repository.write({
      'golden.jsonl': '{"input": {"x": 1}, "output": {"prediction": 3}}\n',
    });
    await production.configure({ verify: '{golden: golden.jsonl}' });
    const step = await production.run('rollback', because);
    expect(step).toMatchObject({
      code: 1,
      outputs: { decision: 'fail', 'reason-code': 'verification-failed', version: 'v1.0.0' },
    });
    expect(step.outputs['result']).toContain('expected 3, got 2');
    await expectBack();
  });

  test('when the reload command fails, and the server keeps what it has', async () => {
    await production.repository.write({ 'reload.cjs': `console.error("no such unit"); process.exit(3)` });
    await production.configure({
      target: `{type: directory, path: '\${MODEL_ROOT}', url: '\${MODEL_URL}', reload: 'node reload.cjs'}`,
      verify: IMPATIENT,
    });
    const step = await production.run('rollback', because);
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'restore-failed' } });
    expect(step.outputs['result']).toContain('no such unit');
    await production.configure();
    await expectFinished();
  });

  test('when the reload command fails and the server takes the version up by itself', async () => {
    const { pid } = production.server;
    await production.repository.write({
      'reload.cjs': `process.kill(${pid}, 'SIGHUP'); console.error("not registered"); process.exit(3)`,
    });
    await production.configure({
      target: `{type: directory, path: '\${MODEL_ROOT}', url: '\${MODEL_URL}', reload: 'node reload.cjs'}`,
    });
    const step = await production.run('rollback', because);
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'warn', 'reason-code': 'ok' } });
    expect(step.summary).toContain('not registered');
    await expectBack();
  });

  test('when the ledger cannot be written', async () => {
    const hook = path.join(production.repository.remote, 'hooks', 'pre-receive');
    await production.repository.hook(
      'pre-receive',
      'while read old new ref; do case "$ref" in refs/tags/*) echo "tags are protected" >&2; exit 1;; esac; done',
    );
    const step = await production.run('rollback', because);
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'no-permission', version: 'v1.0.0' } });
    expect(step.result['message']).toContain('Run this step again when that is settled');
    await rm(hook);
    await expectFinished();
  });

  test('when the job is cancelled: what it reached is written down', async () => {
    const step = await production.run('rollback', because, {
      kill: { signal: 'SIGINT', after: 'Switch the traffic' },
    });
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'cancelled', version: 'v1.0.0' } });
    await expectBack();
  });

  test('when the server never answers, which is reported loudly', async () => {
    await production.configure({
      target: `{type: directory, path: '\${MODEL_ROOT}', url: 'http://127.0.0.1:9'}`,
      verify: '{timeout: 1s}',
    });
    const step = await production.run('rollback', because);
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'restore-failed' } });
    expect(step.outputs['result']).toContain('127.0.0.1:9');
    expect(step.annotations[0]?.message).toMatch(/^LOOK AT production NOW/);
    await production.configure();
    await expectFinished();
  });
});

test('rollback changes nothing when the lock is refused', async () => {
  await production.repository.hook('pre-receive', 'echo "refs are protected" >&2; exit 1');
  const step = await production.run('rollback', because);
  expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'no-permission' } });
  await expectUntouched();
});

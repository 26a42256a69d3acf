import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { rm } from 'node:fs/promises';
import * as path from 'node:path';
import { serveGit } from '@sluice/testing/git-server.ts';
import { startProduction, type Production } from '@sluice/testing/production.ts';

/*
 * Rollbacks that fail after the traffic moved. One environment serves v2.0.0 after v1.0.0, and afterwards everything
 * must be as it was.
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

describe('rollback stops at what was served', () => {
  test('when the earlier version fails its checks', async () => {
    await production.repository.write({
      'golden.jsonl': '{"input": {"x": 1}, "output": {"prediction": 3}}\n',
    });
    await production.configure({ verify: '{golden: golden.jsonl}' });
    const step = await production.run('rollback', because);
    expect(step).toMatchObject({
      code: 1,
      outputs: { decision: 'fail', 'reason-code': 'verification-failed', version: 'v2.0.0' },
    });
    expect(step.outputs['result']).toContain('expected 3, got 2');
    await expectUntouched();
  });

  test('when the reload command fails', async () => {
    await production.repository.write({ 'reload.cjs': `console.error("no such unit"); process.exit(3)` });
    await production.configure({
      target: `{type: directory, path: '\${MODEL_ROOT}', url: '\${MODEL_URL}', reload: 'node reload.cjs'}`,
    });
    const step = await production.run('rollback', because);
    expect(step.code).toBe(1);
    expect(step.outputs['result']).toContain('no such unit');
    await expectUntouched();
  });

  test('when the lock is refused', async () => {
    await production.repository.hook('pre-receive', 'echo "refs are protected" >&2; exit 1');
    const step = await production.run('rollback', because);
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'no-permission' } });
    await expectUntouched();
  });

  test('when the ledger cannot be written', async () => {
    await production.repository.hook(
      'pre-receive',
      'while read old new ref; do case "$ref" in refs/tags/*) echo "tags are protected" >&2; exit 1;; esac; done',
    );
    const step = await production.run('rollback', because);
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'no-permission' } });
    await expectUntouched();
  });

  test('when the job is cancelled', async () => {
    const step = await production.run('rollback', because, {
      kill: { signal: 'SIGINT', after: 'Switch the traffic' },
    });
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'cancelled' } });
    await expectUntouched();
  });
});

test('a server that never answers is reported loudly, and the next run goes back first', async () => {
  await production.configure({
    target: `{type: directory, path: '\${MODEL_ROOT}', url: 'http://127.0.0.1:9'}`,
    verify: '{timeout: 1s}',
  });
  const step = await production.run('rollback', because);
  expect(step).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'restore-failed' } });
  expect(step.outputs['result']).toContain('127.0.0.1:9');
  expect(await production.locks()).not.toBe('');
  await production.configure();
  const next = await production.run('rollback', because);
  expect(next).toMatchObject({ code: 0, outputs: { decision: 'warn', version: 'v2.0.0' } });
  expect(next.result['message']).toContain('if it is what you want to leave, run this step again');
  await expectUntouched();
});

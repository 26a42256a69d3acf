import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { rm } from 'node:fs/promises';
import * as path from 'node:path';
import { startProduction, type Production } from '../support/production.ts';

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

describe('rollback stops at what was served', () => {
  test('when the earlier version fails its checks', async () => {
    await production.repository.write({
      'golden.jsonl': '{"input": {"x": 1}, "output": {"prediction": 3}}\n',
    });
    await production.configure({ verify: '{golden: golden.jsonl, timeout: 1500ms}' });
    const step = await production.run('rollback', because);
    expect(step).toMatchObject({
      code: 1,
      outputs: { decision: 'fail', 'reason-code': 'verification-failed', version: 'v2.0.0' },
    });
    expect(step.outputs['result']).toContain('expected 3, got 2');
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

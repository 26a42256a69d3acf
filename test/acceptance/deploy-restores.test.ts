import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readdir, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { IMPATIENT, startProduction, type Production } from '@sluice/testing/production.ts';

/*
 * Deployments that fail after the traffic moved. One environment serves v1.0.0; each test registers a version that
 * fails in its own way, and afterwards everything must be as it was.
 */

jest.setTimeout(60_000);

let production: Production;
beforeAll(async () => {
  production = await startProduction();
  await production.register({ bias: 1 });
  expect(await production.run('deploy')).toMatchObject({ code: 0 });
});
afterEach(async () => {
  await production.configure();
  await rm(path.join(production.repository.remote, 'hooks', 'pre-receive'), { force: true });
});
afterAll(() => production.remove());

/** Different bytes for every model, so that each is a version of its own. */
let bias = 1;
const nextBias = (): number => ++bias;

/** v1.0.0 answers, the ledger says so, and no lock is left. */
async function expectUntouched(): Promise<void> {
  expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 1 });
  expect(await production.ledgerLive()).toBe('v1.0.0');
  expect(await production.locks()).toBe('');
}

describe('deploy brings the version before back', () => {
  test('when a golden prediction is wrong, and shows line, path and values', async () => {
    await production.register({ bias: 50, golden: '{"input": {"x": 1}, "output": {"prediction": 9}}' });
    const step = await production.run('deploy');
    expect(step).toMatchObject({
      code: 1,
      outputs: {
        decision: 'fail',
        'reason-code': 'rolled-back',
        live: '[{"version":"v1.0.0","weight":100}]',
      },
    });
    expect(step.outputs['result']).toContain(
      '{model-path}/golden.jsonl:1 at $.prediction: expected 9, got 51',
    );
    expect(step.summary).toContain('`{model-path}/golden.jsonl:1`');
    expect(step.summary).toContain('`production`: `v1.0.0` → `v2.0.0` → `v1.0.0`');
    expect(step.annotations).toMatchObject([{ level: 'error', properties: { title: 'deploy: fail' } }]);
    await expectUntouched();
  });

  test('and says that it failed when the candidate comes up late and takes over again', async () => {
    await production.configure({ verify: IMPATIENT });
    await production.register({ bias: nextBias(), faults: { late: 6 } });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'restore-failed' } });
    expect(step.result['message']).toMatch(
      /going back to v1\.0\.0 failed too .*Asked \d of 8 times for v1\.0\.0/,
    );
    const next = await production.run('rollback', { reason: 'the deployment did not end well' });
    expect(next).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
    await expectUntouched();
  });

  test.each([
    ['is never ready', { ready: false as const }, 'Not ready 3 times in a row'],
    ['names another version', { version: 'v9.0.0' }, 'the server answers with v9.0.0'],
    ['names another version every other time', { flaps: 'v9.0.0' }, 'of 3 times for'],
    ['breaks on requests', { status: 500 }, 'HTTP 500'],
  ])('when the new one %s', async (_name, faults, message) => {
    await production.configure({ verify: IMPATIENT });
    await production.register({ bias: nextBias(), faults });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'rolled-back' } });
    expect(step.outputs['result']).toContain(message);
    await expectUntouched();
  });

  test('when all checks together take longer than they may', async () => {
    await production.configure({ verify: IMPATIENT });
    const golden = '{"input": {"x": 1}, "output": {"prediction": 78}}\n'.repeat(20);
    await production.register({ bias: 77, golden, faults: { delay: 400 } });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'rolled-back' } });
    expect(step.result['message']).toContain('Verifying took longer than 1.5 s (verify.timeout)');
    await expectUntouched();
  });

  test('when the new one is too slow', async () => {
    await production.configure({
      verify: "{golden: '{model-path}/golden.jsonl', latency: {p95: 100ms}}",
    });
    await production.register({ bias: nextBias(), faults: { delay: 150 } });
    const step = await production.run('deploy');
    expect(step).toMatchObject({
      code: 1,
      outputs: { 'reason-code': 'rolled-back' },
      result: {
        verification: expect.arrayContaining([expect.objectContaining({ check: 'latency' })]) as unknown,
      },
    });
    await expectUntouched();
  });

  test('when the reload command fails, and shows its last line', async () => {
    const script = `console.error("no such unit"); process.exit(3)`;
    await production.repository.write({ 'reload.cjs': script });
    await production.configure({
      target: `{type: directory, path: '\${MODEL_ROOT}', url: '\${MODEL_URL}', reload: 'node reload.cjs'}`,
    });
    await production.register({ bias: nextBias() });
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'rolled-back' } });
    expect(step.outputs['result']).toContain('exit code 3');
    expect(step.outputs['result']).toContain('no such unit');
    await expectUntouched();
  });

  test('when the job is cancelled in the middle of the verification', async () => {
    await production.register({ bias: nextBias(), faults: { ready: false } });
    const step = await production.run(
      'deploy',
      {},
      { kill: { signal: 'SIGTERM', after: 'Verify the version in service' } },
    );
    expect(step).toMatchObject({ code: 1, outputs: { decision: 'error', 'reason-code': 'cancelled' } });
    expect(step.outputs['result']).toContain('v1.0.0 is served as before');
    await expectUntouched();
  });

  test('when the ledger cannot be written after the switch', async () => {
    await production.register({ bias: nextBias() });
    await production.repository.hook(
      'pre-receive',
      'while read old new ref; do case "$ref" in refs/tags/*) echo "tags are protected" >&2; exit 1;; esac; done',
    );
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'no-permission' } });
    expect(step.outputs['result']).toContain('The ledger could not be written');
    await expectUntouched();
  });
});

describe('deploy leaves everything alone', () => {
  test('when the remote refuses the lock', async () => {
    await production.register({ bias: nextBias() });
    await production.repository.hook('pre-receive', 'echo "read-only repository" >&2; exit 1');
    const step = await production.run('deploy');
    expect(step).toMatchObject({ code: 1, outputs: { 'reason-code': 'no-permission' } });
    await expectUntouched();
  });

  test('in a dry run, which prints the plan', async () => {
    const { version } = await production.register({ bias: nextBias() });
    const [tags, releases] = [
      await production.repository.tags(),
      await readdir(path.join(production.root, 'releases')),
    ];
    const step = await production.run('deploy', { 'dry-run': 'true' });
    expect(step).toMatchObject({ code: 0, outputs: { decision: 'pass', version } });
    expect(step.result).toMatchObject({ 'dry-run': true, 'previous-version': 'v1.0.0' });
    expect(step.summary).toContain('would replace v1');
    expect(step.stdout).toContain('When anything fails, go back to v1.0.0.');
    expect(await production.repository.tags()).toEqual(tags);
    expect(await readdir(path.join(production.root, 'releases'))).toEqual(releases);
    await expectUntouched();
  });
});

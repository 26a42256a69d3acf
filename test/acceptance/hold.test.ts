import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { runGit } from '@sluice/testing/repository.ts';
import { startProduction, type Production } from '@sluice/testing/production.ts';

// Each test makes a repository, registers models and runs steps as processes of their own.
jest.setTimeout(90_000);

let production: Production;
beforeEach(async () => {
  production = await startProduction();
});
afterEach(() => production.remove());

const hold = async () => (await production.ledger()).environments.get('production')?.hold;

async function deploy(bias: number): Promise<void> {
  await production.register({ bias });
  expect(await production.run('deploy')).toMatchObject({ code: 0 });
}

describe('an environment on hold', () => {
  test('by a rollback takes no other version until a deployment releases it', async () => {
    await deploy(1);
    await deploy(2);
    const back = await production.run('rollback', { reason: 'predicts nonsense', hold: 'true' });
    expect(back).toMatchObject({ code: 0, outputs: { version: 'v1.0.0' } });
    expect(back.summary).toContain('Deployments are on hold');

    await production.register({ bias: 3 });
    const refused = await production.run('deploy');
    expect(refused).toMatchObject({ code: 1, outputs: { decision: 'fail', 'reason-code': 'held' } });
    expect(refused.outputs['result']).toMatch(/on hold since .* by octocat \(predicts nonsense; tag /);
    expect((await production.served()).version).toBe('v1.0.0');
    expect(await production.locks()).toBe('');

    const same = await production.run('deploy', { version: 'v1.0.0' });
    expect(same).toMatchObject({ code: 0, outputs: { 'reason-code': 'already-live' } });
    expect(await hold()).toBeDefined();
    const fixed = await production.run('deploy', { 'release-hold': 'true' });
    expect(fixed).toMatchObject({ code: 0, outputs: { version: 'v3.0.0' } });
    expect(await hold()).toBeUndefined();
  });

  test('by the commands of the documentation is released by a deployment of what is live', async () => {
    await deploy(1);
    const message = 'flight-delay is on hold in production.';
    const trailers = 'Hold: true\nReason: audit week\nActor: ada';
    const { repository } = production;
    await repository.git('fetch', '--quiet', '--tags', 'origin');
    const tag = 'flight-delay#production#2';
    await repository.git('tag', '-m', message, '-m', trailers, tag, 'flight-delay@v1.0.0^{}');
    await runGit(repository.workspace, ['push', '--quiet', 'origin', `refs/tags/${tag}`]);
    expect(await hold()).toMatchObject({ tag, reason: 'audit week', actor: 'ada' });

    const dry = await production.run('deploy', { 'release-hold': 'true', 'dry-run': 'true' });
    expect(dry).toMatchObject({ code: 0, outputs: { 'reason-code': 'already-live' } });
    expect(dry.summary).toContain('would be released');
    expect(await hold()).toBeDefined();
    const released = await production.run('deploy', { 'release-hold': 'true' });
    expect(released).toMatchObject({ code: 0, outputs: { 'reason-code': 'already-live' } });
    expect(released.summary).toContain('Its hold is released.');
    expect(await hold()).toBeUndefined();
  });

  test('by a rollback to what is live keeps serving it', async () => {
    await deploy(1);
    const held = await production.run('rollback', { reason: 'audit week', to: 'v1.0.0', hold: 'true' });
    expect(held).toMatchObject({ code: 0, outputs: { 'reason-code': 'already-live' } });
    expect(await hold()).toMatchObject({ reason: 'audit week', actor: 'octocat' });
    expect(await production.served()).toEqual({ version: 'v1.0.0', prediction: 1 });
  });
});

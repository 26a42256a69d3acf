import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { copyRepository, createRepository, type TestRepository } from '@sluice/testing/repository.ts';
import { stepLog } from '../action/log.ts';
import { rolloutLock, type Rollout, type RolloutLock } from '../ledger/lock.ts';
import { openLedger } from '../ledger/repository.ts';
import { claimLock } from './claim.ts';

jest.setTimeout(30_000);

const warnings: string[] = [];
const log = { info: () => undefined, warning: (text: string) => void warnings.push(text) };
let repository: TestRepository;
let lock: RolloutLock;

let begun: TestRepository;
beforeAll(async () => {
  begun = await createRepository();
});
afterAll(() => begun.remove());
beforeEach(async () => {
  warnings.length = 0;
  repository = await copyRepository(begun);
  const { access } = await openLedger({ directory: repository.workspace, log: stepLog });
  lock = rolloutLock(access, 'flight-delay', 'production');
});
afterEach(async () => {
  jest.useRealTimers();
  await repository.remove();
});

const journal = async (): Promise<Rollout | undefined> => (await lock.read())?.rollout;

async function leaveDead(changes: Partial<Rollout>): Promise<void> {
  const long = new Date(Date.now() - 3_600_000).toISOString();
  await lock.acquire({
    claim: 'dead',
    candidate: 'v2.0.0',
    previous: 'v1.0.0',
    step: 'switching',
    started: long,
    heartbeat: long,
    ...changes,
  });
}

describe('the lock of an environment', () => {
  test('is there while held, tells what is going on, and is gone afterwards', async () => {
    const held = await claimLock(lock, { candidate: 'v2.0.0', actor: 'octocat', run: 'https://r/1' }, log);
    expect(await journal()).toMatchObject({ candidate: 'v2.0.0', step: 'claimed', actor: 'octocat' });
    await held.switching('v2.0.0', 'v1.0.0');
    expect(await journal()).toMatchObject({ step: 'switching', previous: 'v1.0.0', run: 'https://r/1' });
    await held.release();
    expect(await journal()).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test('is refused to others while its holder lives, with who and since when', async () => {
    const held = await claimLock(lock, { candidate: 'v2.0.0', actor: 'octocat' }, log);
    const other = claimLock(lock, { candidate: 'v3.0.0' }, log);
    await expect(other).rejects.toMatchObject({
      reasonCode: 'locked',
      decision: 'fail',
      message: expect.stringMatching(/v2\.0\.0 by octocat since \d{4}-/) as unknown,
    });
    await held.release();
  });

  test('is taken from a holder that seems to live when that is asked for, and the holder notices', async () => {
    const held = await claimLock(lock, { candidate: 'v2.0.0', actor: 'octocat' }, log);
    const other = await claimLock(lock, { candidate: 'v1.0.0', breaksLock: true }, log);
    expect(warnings).toEqual([expect.stringMatching(/^Taking the lock from .* v2\.0\.0 by octocat since/)]);
    expect(other.abandoned).toMatchObject({ candidate: 'v2.0.0' });
    await expect(held.switching('v2.0.0', undefined)).rejects.toMatchObject({ reasonCode: 'locked' });
    await other.release();
  });

  test('that says it lives in the future is taken over', async () => {
    await leaveDead({ heartbeat: '9999-01-01T00:00:00Z' });
    const held = await claimLock(lock, { candidate: 'v3.0.0' }, log);
    expect(held.abandoned).toMatchObject({ claim: 'dead' });
    await held.release();
  });

  test('of a dead rollout is taken over, and what it had replaced is remembered', async () => {
    await leaveDead({});
    const held = await claimLock(lock, { candidate: 'v3.0.0' }, log);
    expect(held.abandoned).toMatchObject({ claim: 'dead', candidate: 'v2.0.0' });
    expect(await journal()).toMatchObject({ step: 'switching', candidate: 'v2.0.0', previous: 'v1.0.0' });
    await held.switching('v3.0.0', undefined);
    expect(await journal()).not.toHaveProperty('previous');
    await held.release();
  });

  test('of a dead rollout that had not moved traffic leaves nothing behind', async () => {
    await leaveDead({ step: 'claimed' });
    const held = await claimLock(lock, { candidate: 'v3.0.0' }, log);
    expect(await journal()).toMatchObject({ step: 'claimed', candidate: 'v3.0.0' });
    await held.release();
  });

  test('is taken by one of two that come at once', async () => {
    const claims = await Promise.allSettled([
      claimLock(lock, { candidate: 'v2.0.0' }, log),
      claimLock(lock, { candidate: 'v3.0.0' }, log),
    ]);
    expect(claims.map((c) => c.status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const claim of claims) if (claim.status === 'fulfilled') await claim.value.release();
  });

  test('stops a rollout that lost it before the traffic moves', async () => {
    const held = await claimLock(lock, { candidate: 'v2.0.0' }, log);
    await repository.remoteGit('update-ref', '-d', 'refs/sluice/rollouts/flight-delay/production');
    await expect(held.switching('v2.0.0', 'v1.0.0')).rejects.toMatchObject({ reasonCode: 'locked' });
    await held.release();
  });

  test('gives signs of life', async () => {
    jest.useFakeTimers({
      doNotFake: [
        'Date',
        'nextTick',
        'performance',
        'queueMicrotask',
        'setImmediate',
        'clearImmediate',
        'setTimeout',
        'clearTimeout',
      ],
    });
    const held = await claimLock(lock, { candidate: 'v2.0.0' }, log);
    const first = await journal();
    jest.advanceTimersByTime(20_000);
    // The next push waits for the one in flight.
    await held.switching('v2.0.0', 'v1.0.0');
    const beats = await repository.remoteGit(
      'rev-list',
      '--count',
      'refs/sluice/rollouts/flight-delay/production',
    );
    expect(beats).toBe('3');
    expect(Date.parse((await journal())?.heartbeat ?? '')).toBeGreaterThan(
      Date.parse(first?.heartbeat ?? ''),
    );
    await held.release();
    jest.advanceTimersByTime(60_000);
    expect(await journal()).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test('that is left behind is dead at once, and remembers what to undo', async () => {
    const held = await claimLock(lock, { candidate: 'v2.0.0' }, log);
    await held.switching('v2.0.0', 'v1.0.0');
    await held.leave();
    const next = await claimLock(lock, { candidate: 'v3.0.0' }, log);
    expect(next.abandoned).toMatchObject({ candidate: 'v2.0.0', previous: 'v1.0.0', step: 'switching' });
    await next.release();
  });

  test('that cannot be removed is a warning, not a failure', async () => {
    const held = await claimLock(lock, { candidate: 'v2.0.0' }, log);
    await repository.hook('pre-receive', 'exit 1');
    await held.release();
    expect(warnings).toEqual([expect.stringContaining('could not be removed')]);
  });
});

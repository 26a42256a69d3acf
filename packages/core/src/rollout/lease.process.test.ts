import { AT_ONCE } from './plan.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { copyRepository, createRepository, type TestRepository } from '@sluice/testing/repository.ts';
import { stepLog } from '../action/log.ts';
import { LeaseLostError, rolloutLock, type RolloutLock } from '../ledger/lock.ts';
import { openLedger, type Ledger } from '../ledger/repository.ts';
import { readJournal, writeJournal, type Journal } from './journal.ts';
import { claimDecided, claimLease, type Claimant, type Lease } from './lease.ts';
import { begin, claimed } from './reduce.ts';

jest.setTimeout(60_000);

const warnings: string[] = [];
let watching: (() => void) | undefined;
const log = {
  info: (text: string) => {
    if (text.startsWith('Watching')) watching?.();
  },
  warning: (text: string) => void warnings.push(text),
};
const { signal } = new AbortController();
const REF = 'refs/sluice/rollouts/flight-delay/production';
const run = (id: number, attempt: number): string => `https://f/o/r/actions/runs/${id}/attempts/${attempt}`;

let repository: TestRepository;
let ledger: Ledger;
let lock: RolloutLock;
let begun: TestRepository;
beforeAll(async () => {
  begun = await createRepository();
});
afterAll(() => begun.remove());
beforeEach(async () => {
  warnings.length = 0;
  repository = await copyRepository(begun);
  ledger = await openLedger({ directory: repository.workspace, log: { ...stepLog, info: () => undefined } });
  lock = rolloutLock(ledger.access, 'flight-delay', 'production');
});
afterEach(async () => {
  jest.useRealTimers();
  // What is not released goes on giving signs of life.
  for (const lease of leases.splice(0)) await lease.release();
  await repository.remove();
});

const leases: Lease[] = [];
async function claim(claimant: Partial<Claimant> = {}): Promise<Lease> {
  const { kind = 'deploy' } = claimant;
  const lease = await claimLease(
    lock,
    { kind, force: false, ...claimant },
    claimed(kind, { version: 'v2.0.0' }),
    { seen: 0, log, signal },
  );
  leases.push(lease);
  return lease;
}
const journal = async (): Promise<Journal | undefined> => readJournal((await lock.read())?.content);
const switching = begin({
  kind: 'deploy',
  candidate: { version: 'v2.0.0' },
  stable: { version: 'v1.0.0' },
  avoid: [],
  further: [],
  plan: AT_ONCE,
}).state;

/** The journal of a run of which nobody knows anything but what it says. */
async function placed(changes: Partial<Journal>, owner: Partial<Journal['owner']> = {}): Promise<void> {
  await lock.acquire(
    writeJournal({
      owner: { id: 'other', kind: 'deploy', actor: 'hubot', ...owner },
      fence: 7,
      signs: 1,
      every: 500,
      since: '9999-01-01T00:00:00Z',
      rollout: { ...switching, phase: 'switching' },
      ...changes,
    }),
  );
}

describe('the lease of an environment', () => {
  test('that was taken with what was decided is not written again for that, and for anything else it is', async () => {
    const take = async (content: unknown): Promise<string | undefined> => {
      const taken = await lock.acquire(content);
      return taken.kind === 'held' ? taken.commit : undefined;
    };
    const decided = { ...switching, phase: 'switching' } as const;
    const wanting = { kind: 'rollback', force: false } as const;
    const held = await claimDecided(lock, take, wanting, decided, { seen: 4, log });
    if (held === undefined) throw new Error('not taken');
    leases.push(held);
    expect(held.fence.number).toBe(5);
    const commit = await lock.tip();
    await held.save({ ...decided });
    expect(await lock.tip()).toBe(commit);
    await held.save({ ...decided, step: 1 });
    expect(await lock.tip()).not.toBe(commit);
    expect((await journal())?.rollout).toMatchObject({ phase: 'switching', step: 1 });
    expect(await claimDecided(lock, take, wanting, decided, { seen: 4, log })).toBeUndefined();
  });

  test('has a fence above whatever the target has seen meanwhile, also one that was taken over', async () => {
    await placed({ left: true });
    const held = await claim();
    expect(held.fence.number).toBe(8);
    await held.outnumber(11);
    expect([held.fence.number, (await journal())?.fence]).toEqual([12, 12]);
    await lock.release((await lock.tip()) ?? '');
    await placed({});
    await expect(held.outnumber(20)).rejects.toMatchObject({
      reasonCode: 'locked',
      message: expect.stringContaining('Another rollout holds the lock: the deploy to v2.0.0 by hubot'),
    });
  });

  test('is there while held, tells what is going on, and is gone afterwards', async () => {
    const held = await claim({ actor: 'octocat', run: run(1, 1) });
    expect(held.predecessor).toBeUndefined();
    expect(await journal()).toMatchObject({ fence: 1, owner: { kind: 'deploy', actor: 'octocat' } });
    await held.save({ ...switching, phase: 'switching' });
    expect(await journal()).toMatchObject({ owner: { run: run(1, 1) }, rollout: { phase: 'switching' } });
    await held.release();
    expect(await lock.tip()).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test('is refused to others while its holder gives signs of life, whatever clocks say', async () => {
    const held = await claim({ actor: 'octocat' });
    // On one machine nobody has to be watched who is dead; who lives has to be.
    const other = claim();
    await new Promise<void>((resolve) => (watching = resolve));
    await held.save(switching);
    await expect(other).rejects.toMatchObject({
      reasonCode: 'locked',
      decision: 'fail',
      message: expect.stringMatching(
        /the deploy to v2\.0\.0 by octocat since \d{4}-.*'force: true'/,
      ) as unknown,
    });
    await held.release();
  });

  test('is waited for no longer than until its holder lets go', async () => {
    const held = await claim();
    const other = claim();
    await new Promise<void>((resolve) => (watching = resolve));
    await held.release();
    await (await other).release();
    expect(await lock.tip()).toBeUndefined();
  });

  test('of a run that stopped changing its journal is taken over, with its rollout and a greater fence', async () => {
    await placed({});
    const held = await claim();
    expect(held.predecessor).toMatchObject({ why: 'dead', journal: { fence: 7, owner: { id: 'other' } } });
    // Should this run die too, the next one has to know.
    expect(await journal()).toMatchObject({
      fence: 8,
      rollout: { phase: 'switching', stable: { version: 'v1.0.0' } },
    });
    await held.release();
  });

  test.each([
    ['left something to settle', { left: true }, {}],
    ['is an earlier attempt of this run', {}, { run: run(7, 1) }],
  ])('of a run that %s is taken at once', async (_name, changes, owner) => {
    await placed({ every: 20_000, ...changes }, owner);
    expect((await claim({ run: run(7, 2) })).predecessor).toMatchObject({ why: 'dead' });
  });

  test('of a process of this machine that is gone is taken at once', async () => {
    const held = await claim();
    const found = (await journal()) as Journal;
    await held.release();
    const process = found.owner.process as NonNullable<Journal['owner']['process']>;
    // The same number, and another process: it started at another time.
    await placed({ every: 20_000 }, { process: { ...process, started: '1' } });
    expect((await claim()).predecessor).toMatchObject({ why: 'dead' });
  });

  test('is taken from a deployment by a rollback at once, and the deployment notices', async () => {
    const held = await claim();
    const other = await claim({ kind: 'rollback' });
    expect(other.predecessor).toMatchObject({ why: 'pre-empted' });
    expect(warnings).toEqual([
      expect.stringMatching(/^Pre-empting a rollout, because a rollback goes first/),
    ]);
    await expect(held.save(switching)).rejects.toThrow(LeaseLostError);
    expect(held.lost.aborted).toBe(true);
    await held.leave(switching);
    await held.release();
    expect((await journal())?.owner.kind).toBe('rollback');
    await other.release();
  });

  test('is taken from any run by force, and said so', async () => {
    await claim({ kind: 'rollback' });
    const other = await claim({ force: true });
    expect(other.predecessor).toMatchObject({ why: 'forced' });
    expect(warnings).toEqual([
      expect.stringMatching(/^Taking the lock from a rollout that may be running, as asked/),
    ]);
    await other.release();
  });

  test('goes with the write that spends it, or that write does not happen', async () => {
    const held = await claim();
    await repository.tag('flight-delay@v1.0.0', {
      commit: await ledger.head(),
      time: new Date(),
      message: 'Register\n\nModel-Digest: ab\n',
    });
    const plan = () => ({
      kind: 'write' as const,
      version: 'v1.0.0',
      tags: [
        {
          name: 'flight-delay#production#1',
          target: { kind: 'commit' as const, commit: head },
          time: new Date(),
          message: 'x\n',
        },
      ],
    });
    const head = await ledger.head();
    const write = (lease: Lease) =>
      lease.spend(async (leased) => ({
        gone: true,
        result: await ledger.write('flight-delay', plan, leased),
      }));
    const other = await claim({ kind: 'rollback' });
    await expect(write(held)).rejects.toMatchObject({ name: 'LeaseLostError' });
    expect(await repository.tags()).toEqual(['flight-delay@v1.0.0']);
    await write(other);
    expect([await repository.tags(), await lock.tip(), other.isSpent()]).toEqual([
      ['flight-delay#production#1', 'flight-delay@v1.0.0'],
      undefined,
      true,
    ]);
    await other.release();
    expect(warnings.slice(1)).toEqual([]);
  });

  test('gives signs of life without a history', async () => {
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
    const held = await claim();
    jest.advanceTimersByTime(20_000);
    // The next push waits for the one in flight.
    await held.save(switching);
    expect(await journal()).toMatchObject({ signs: 2 });
    expect(await repository.remoteGit('rev-list', '--count', REF)).toBe('1');
    await held.release();
    jest.advanceTimersByTime(60_000);
    expect(await lock.tip()).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test('that is left behind is taken at once, and remembers what to settle', async () => {
    const held = await claim();
    await held.leave({ ...switching, phase: 'not-restored' });
    expect((await claim()).predecessor).toMatchObject({
      why: 'dead',
      journal: { left: true, rollout: { phase: 'not-restored' } },
    });
  });

  test('that cannot be removed is a warning, not a failure', async () => {
    const held = await claim();
    await repository.hook('pre-receive', 'exit 1');
    await held.release();
    expect(warnings).toEqual([expect.stringContaining('could not be removed')]);
  });
});

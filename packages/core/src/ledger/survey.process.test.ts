import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { assign, register } from '@sluice/testing/ledger.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { repositoryForEach } from '@sluice/testing/repository-for-each.ts';
import type { TestRepository } from '@sluice/testing/repository.ts';
import { rolloutLock, type RolloutLock } from './lock.ts';
import { openLedger, type Ledger } from './repository.ts';

jest.setTimeout(60_000);

let repository: TestRepository;
let ledger: Ledger;
let lock: RolloutLock;
repositoryForEach((made) => {
  repository = made;
});
beforeEach(async () => {
  ledger = await openLedger({ directory: repository.workspace, log: silentLog });
  lock = rolloutLock(ledger.access, 'm', 'production');
});

describe('a survey', () => {
  test('says what the ledger says, and that nobody has the environment; a claim is the lock that others find', async () => {
    await register(ledger, 1);
    await register(ledger, 2);
    await assign(ledger, 'v1.0.0');
    await rolloutLock(ledger.access, 'm', 'staging').acquire({ of: 'another environment' });
    const commit = await ledger.survey('m', lock, async (found) => {
      expect(found).toMatchObject({ isTaken: false, state: await ledger.read('m') });
      return found?.claim({ rollout: 'decided' });
    });
    expect(await lock.read()).toEqual({ commit, content: { rollout: 'decided' } });
    expect(await repository.git('for-each-ref', 'refs/tags', 'refs/sluice')).toBe('');
    // What was read once is listed again, and written on.
    await assign(ledger, 'v2.0.0');
    expect((await ledger.read('m')).environments.get('production')?.live?.version).toBe('v2.0.0');
    expect(await ledger.survey('m', lock, async (found) => Promise.resolve(found?.isTaken))).toBe(true);
  });

  test('takes nothing that somebody has taken since', async () => {
    await register(ledger, 1);
    await ledger.survey('m', lock, async (found) => {
      await lock.acquire({ rollout: 'faster' });
      expect(await found?.claim({ rollout: 'slower' })).toBeUndefined();
    });
    expect((await lock.read())?.content).toEqual({ rollout: 'faster' });
  });

  test('takes nothing when the ledger was written since', async () => {
    await register(ledger, 1);
    await ledger.survey('m', lock, async (found) => {
      await assign(await openLedger({ directory: repository.workspace, log: silentLog }), 'v1.0.0');
      expect(await found?.claim({ rollout: 'stale' })).toBeUndefined();
    });
    expect(await lock.read()).toBeUndefined();
  });

  test('is none where there is nothing', async () => {
    expect(await ledger.survey('m', lock, async (found) => Promise.resolve(found === undefined))).toBe(true);
  });
});

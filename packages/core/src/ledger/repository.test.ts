import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createRepository, type TestRepository } from '../../../../test/support/repository.ts';
import { planAssignment } from './assignment.ts';
import { planRegistration, type RegisterWish } from './registration.ts';
import { openLedger, type Ledger } from './repository.ts';
import { planRollback } from './rollback.ts';

const silent = {
  info: () => undefined,
  warning: () => undefined,
  debug: () => undefined,
  group: <T>(_title: string, body: () => Promise<T>) => body(),
};
const hex = (character: string): string => character.repeat(64);

function registration(commit: string, digest: string): RegisterWish {
  return {
    commit,
    modelDigest: hex(digest),
    passportDigest: hex('f'),
    store: 'dir:/srv/models',
    metrics: '{"auc":0.75}',
    actor: 'ada',
    sluiceVersion: '0.1.0',
    version: { bump: 'major' },
  };
}

describe('a ledger in a real repository', () => {
  let repository: TestRepository;
  let ledger: Ledger;

  beforeEach(async () => {
    repository = await createRepository();
    ledger = await openLedger({ directory: repository.workspace, log: silent });
  });
  afterEach(() => repository.remove());

  const register = async (digest: string) => {
    const commit = await ledger.head();
    return ledger.write('m', (state) => planRegistration(state, registration(commit, digest), new Date()));
  };
  const assign = (version: string) =>
    ledger.write('m', (state) =>
      planAssignment(
        state,
        { version, environment: 'production', reason: 'why not\nQuarantine: true', releaseQuarantine: false },
        new Date(),
      ),
    );

  test('is empty before anything was registered', async () => {
    const state = await ledger.read('m');
    expect(state.versions).toEqual([]);
    expect(state.environments.size).toBe(0);
  });

  test('registers, assigns and rolls back, and reads the same back', async () => {
    await register('a');
    const second = await register('b');
    expect(second.plan).toMatchObject({ kind: 'write', version: 'v2.0.0' });
    await assign('v1.0.0');
    await assign('v2.0.0');
    const { plan, state } = await ledger.write('m', (before) =>
      planRollback(
        before,
        { environment: 'production', reason: 'too slow', releaseQuarantine: false, bytesPresent: () => true },
        new Date(),
      ),
    );
    expect(plan).toMatchObject({ kind: 'write', version: 'v1.0.0', previous: 'v2.0.0' });
    expect(await repository.tags()).toEqual([
      'm#production!#3',
      'm#production#1',
      'm#production#2',
      'm#production#4',
      'm@v1.0.0',
      'm@v2.0.0',
    ]);
    const read = await ledger.read('m');
    expect(read).toEqual(state);
    expect(read.problems).toEqual([]);
    expect(read.environments.get('production')?.live?.version).toBe('v1.0.0');
    expect([...(read.environments.get('production')?.quarantined ?? [])]).toEqual(['v2.0.0']);
  });

  test('leaves nothing in the checkout', async () => {
    await register('a');
    expect(await repository.git('tag')).toBe('');
    expect(await repository.git('status', '--porcelain')).toBe('');
    expect(await repository.git('for-each-ref', '--format=%(refname)')).toBe(
      'refs/heads/main\nrefs/remotes/origin/main',
    );
  });
});

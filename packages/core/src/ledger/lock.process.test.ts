import { describe, expect, jest, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { repositoryForEach } from '@sluice/testing/repository-for-each.ts';
import { runGit, type TestRepository } from '@sluice/testing/repository.ts';
import { rolloutLock, type Claim, type RolloutLock } from './lock.ts';
import { findRemote } from './remote.ts';

jest.setTimeout(60_000);

let repository: TestRepository;
repositoryForEach((made) => {
  repository = made;
});

const open = async (environment = 'production'): Promise<RolloutLock> =>
  rolloutLock(await findRemote({ directory: repository.workspace }), 'm', environment);

const rollout = (claim: string): object => ({ claim });
const REF = 'refs/sluice/rollouts/m/production';
/** A commit on the remote with a journal that anybody may have written; returns its id. */
async function journal(content: object): Promise<string> {
  const file = path.join(repository.root, 'rollout.json');
  await writeFile(file, JSON.stringify(content));
  const index = { GIT_INDEX_FILE: path.join(repository.root, 'index') };
  const blob = await runGit(repository.remote, ['hash-object', '-w', file]);
  await runGit(
    repository.remote,
    ['update-index', '--add', '--cacheinfo', `100644,${blob},rollout.json`],
    index,
  );
  const tree = await runGit(repository.remote, ['write-tree'], index);
  return runGit(repository.remote, ['commit-tree', tree, '-m', 'lock']);
}
/** The commit of a lock that is ours. */
function held(claim: Claim): string {
  if (claim.kind !== 'held') throw new Error(`not held but ${claim.kind}`);
  return claim.commit;
}
const refs = (): Promise<string> =>
  repository.remoteGit('for-each-ref', '--format=%(refname)', 'refs/sluice');

describe('the rollout lock', () => {
  test('is taken, advanced and released by its owner, and keeps no history', async () => {
    const lock = await open();
    const first = held(await lock.acquire(rollout('one')));
    expect(await refs()).toBe(REF);
    expect(await (await open()).read()).toEqual({ commit: first, content: { claim: 'one' } });
    const second = held(await lock.advance(first, rollout('one, later')));
    expect([await lock.tip(), (await lock.read())?.content]).toEqual([second, { claim: 'one, later' }]);
    expect(await repository.remoteGit('rev-list', '--count', REF)).toBe('1');
    expect(await lock.release(second)).toBe(true);
    expect(await refs()).toBe('');
    expect(await lock.tip()).toBeUndefined();
  });

  test('is not taken from its owner, nor advanced or released by somebody else', async () => {
    const lock = await open();
    const first = held(await lock.acquire(rollout('one')));
    const found = { commit: first, content: rollout('one') };
    expect(await lock.acquire(rollout('two'))).toEqual({ kind: 'taken', by: found });
    const newer = held(await lock.advance(first, rollout('two')));
    expect(await lock.advance(first, rollout('one, alive'))).toEqual({
      kind: 'taken',
      by: { commit: newer, content: rollout('two') },
    });
    expect(await lock.release(first)).toBe(false);
    expect((await lock.read())?.content).toEqual(rollout('two'));
  });

  test('that was removed cannot be advanced', async () => {
    const lock = await open();
    const first = held(await lock.acquire(rollout('one')));
    await lock.release(first);
    expect(await lock.advance(first, rollout('one, later'))).toEqual({ kind: 'gone' });
    expect(await lock.release(first)).toBe(true);
    expect(await refs()).toBe('');
  });

  test('goes to one of many who race', async () => {
    const locks = await Promise.all(Array.from({ length: 6 }, () => open()));
    const claims = await Promise.all(locks.map((lock, i) => lock.acquire(rollout(`run ${i}`))));
    expect(claims.filter((c) => c.kind === 'held')).toHaveLength(1);
    const winner = held(claims.find((c) => c.kind === 'held') as Claim);
    expect(claims.every((c) => c.kind === 'held' || (c.kind === 'taken' && c.by.commit === winner))).toBe(
      true,
    );
  });

  test('of one environment does not block another, also when its name begins alike', async () => {
    await (await open('production')).acquire(rollout('one'));
    const other = await open('production-2');
    expect(await other.read()).toBeUndefined();
    expect((await other.acquire(rollout('two'))).kind).toBe('held');
    expect((await (await open()).read())?.content).toEqual(rollout('one'));
  });

  test.each([
    ['a commit without one', (): Promise<string> => repository.remoteGit('rev-parse', 'main')],
    ['a tree', (): Promise<string> => repository.remoteGit('rev-parse', 'main^{tree}')],
    ['a blob', (): Promise<string> => repository.remoteGit('hash-object', '-w', 'HEAD')],
    ['2 MB', (): Promise<string> => journal({ more: 'y'.repeat(2 << 20) })],
  ])('that holds %s instead of a document can be taken over', async (_what, object) => {
    await repository.remoteGit('update-ref', REF, await object());
    const lock = await open();
    const found = await lock.read();
    expect(found?.content).toBeUndefined();
    held(await lock.advance(found?.commit ?? '', rollout('one')));
    expect((await lock.read())?.content).toEqual(rollout('one'));
  });

  test('cannot be taken when the remote refuses', async () => {
    await repository.hook('pre-receive', 'exit 1');
    await expect((await open()).acquire(rollout('one'))).rejects.toMatchObject({
      reasonCode: 'no-permission',
    });
  });
});

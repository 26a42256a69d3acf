import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { copyRepository, createRepository, runGit, type TestRepository } from '@sluice/testing/repository.ts';
import { rolloutLock, type Claim, type FoundRollout, type Rollout, type RolloutLock } from './lock.ts';
import { findRemote } from './remote.ts';

jest.setTimeout(60_000);

let repository: TestRepository;
let begun: TestRepository;
beforeAll(async () => {
  begun = await createRepository();
});
afterAll(() => begun.remove());
beforeEach(async () => {
  repository = await copyRepository(begun);
});
afterEach(() => repository.remove());

const open = async (environment = 'production'): Promise<RolloutLock> =>
  rolloutLock(await findRemote({ directory: repository.workspace }), 'm', environment);

function rollout(claim: string, step = 'claimed'): Rollout {
  const now = '2026-01-01T00:00:00.000Z';
  return { claim, candidate: 'v2.0.0', previous: 'v1.0.0', step, started: now, heartbeat: now };
}
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
function held(claim: Claim): FoundRollout {
  if (claim.kind !== 'held') throw new Error(`not held but ${claim.kind}`);
  return claim.found;
}
const refs = (): Promise<string> =>
  repository.remoteGit('for-each-ref', '--format=%(refname)', 'refs/sluice');

describe('the rollout lock', () => {
  test('is taken, advanced and released by its owner', async () => {
    const lock = await open();
    expect(await lock.read()).toBeUndefined();
    const first = held(await lock.acquire(rollout('one')));
    expect(await refs()).toBe('refs/sluice/rollouts/m/production');
    expect(await (await open()).read()).toEqual(first);
    const second = held(await lock.advance(first, rollout('one', 'switched')));
    expect((await lock.read())?.rollout.step).toBe('switched');
    expect(await repository.remoteGit('log', '--format=%s', 'refs/sluice/rollouts/m/production')).toBe(
      'v2.0.0: switched\nv2.0.0: claimed',
    );
    expect(await lock.release(second)).toBe(true);
    expect(await refs()).toBe('');
  });

  test('is not taken from its owner, nor advanced or released by somebody else', async () => {
    const lock = await open();
    const found = held(await lock.acquire(rollout('one')));
    expect(await lock.acquire(rollout('two'))).toEqual({ kind: 'taken', by: found });
    const newer = held(await lock.advance(found, rollout('two', 'took over')));
    expect(await lock.advance(found, rollout('one', 'still alive'))).toEqual({ kind: 'taken', by: newer });
    expect(await lock.release(found)).toBe(false);
    expect((await lock.read())?.rollout.claim).toBe('two');
  });

  test('that was removed cannot be advanced', async () => {
    const lock = await open();
    const found = held(await lock.acquire(rollout('one')));
    await lock.release(found);
    expect(await lock.advance(found, rollout('one', 'next'))).toEqual({ kind: 'gone' });
    expect(await lock.release(found)).toBe(false);
    expect(await refs()).toBe('');
  });

  test('goes to one of many who race', async () => {
    const locks = await Promise.all(Array.from({ length: 6 }, () => open()));
    const claims = await Promise.all(locks.map((lock, i) => lock.acquire(rollout(`run ${i}`))));
    expect(claims.filter((c) => c.kind === 'held')).toHaveLength(1);
    const winner = held(claims.find((c) => c.kind === 'held') as Claim);
    expect(
      claims.every((c) => c.kind === 'held' || (c.kind === 'taken' && c.by.commit === winner.commit)),
    ).toBe(true);
  });

  test('of one environment does not block another, also when its name begins alike', async () => {
    await (await open('production')).acquire(rollout('one'));
    const other = await open('production-2');
    expect(await other.read()).toBeUndefined();
    expect((await other.acquire(rollout('two'))).kind).toBe('held');
    expect((await (await open()).read())?.rollout.claim).toBe('one');
  });

  test.each([
    ['a commit without one', (): Promise<string> => repository.remoteGit('rev-parse', 'main')],
    ['a tree', (): Promise<string> => repository.remoteGit('rev-parse', 'main^{tree}')],
    ['a blob', (): Promise<string> => repository.remoteGit('hash-object', '-w', 'HEAD')],
    ['texts without end', (): Promise<string> => journal({ ...rollout('x'), candidate: 'y'.repeat(501) })],
    ['2 MB', (): Promise<string> => journal({ ...rollout('x'), more: 'y'.repeat(2 << 20) })],
  ])('that holds %s instead of a journal is one that nobody keeps alive', async (_what, object) => {
    await repository.remoteGit('update-ref', REF, await object());
    const lock = await open();
    const found = await lock.read();
    expect(found?.rollout).toMatchObject({ candidate: 'an unknown version', heartbeat: '' });
    held(await lock.advance(found as FoundRollout, rollout('one')));
    expect((await lock.read())?.rollout.claim).toBe('one');
  });

  test('shows texts of a journal as one line', async () => {
    await repository.remoteGit(
      'update-ref',
      REF,
      await journal({ ...rollout('x'), actor: 'eve\n::error::\u001b[2J' }),
    );
    expect((await (await open()).read())?.rollout.actor).toBe('eve ::error:: [2J');
  });

  test('cannot be taken when the remote refuses', async () => {
    await repository.hook('pre-receive', 'exit 1');
    await expect((await open()).acquire(rollout('one'))).rejects.toMatchObject({
      reasonCode: 'no-permission',
    });
  });
});

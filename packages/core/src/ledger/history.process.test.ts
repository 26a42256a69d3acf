import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createRepository, runGit, type TestRepository } from '@sluice/testing/repository.ts';
import { nearestAncestor } from './history.ts';
import { findRemote } from './remote.ts';

/**
 *   begin ── one ── two ── three ── four   main
 *               └─ side ─────────┘
 */
let repository: TestRepository;
const commits: Record<string, string> = {};

beforeAll(async () => {
  repository = await createRepository();
  const git = (...args: string[]): Promise<string> => repository.git(...args);
  commits['begin'] = await git('rev-parse', 'HEAD');
  commits['one'] = await repository.commit('one');
  await git('checkout', '--quiet', '-b', 'side');
  await git('commit', '--quiet', '--allow-empty', '--message', 'side');
  commits['side'] = await git('rev-parse', 'HEAD');
  await git('checkout', '--quiet', 'main');
  commits['two'] = await repository.commit('two');
  commits['three'] = await repository.commit('three');
  await git('merge', '--quiet', '--no-ff', '--message', 'four', 'side');
  await git('push', '--quiet', 'origin', 'main');
  commits['four'] = await git('rev-parse', 'HEAD');
  await git('checkout', '--quiet', '-b', 'other', commits['begin']);
  await git('commit', '--quiet', '--allow-empty', '--message', 'other');
  await git('push', '--quiet', 'origin', 'other');
  commits['other'] = await git('rev-parse', 'HEAD');
});

afterAll(() => repository.remove());

test.each<[string, string[], string, number]>([
  ['four', ['four', 'one'], 'four', 0],
  ['four', ['three'], 'three', 2],
  ['four', ['side'], 'side', 3],
  ['four', ['begin', 'one', 'other'], 'one', 4],
  ['three', ['side', 'begin'], 'begin', 3],
])('of %s and %j it is %s, %d commits before', async (from, wanted, commit, behind) => {
  const ids = new Set(wanted.map((name) => commits[name] as string));
  for (const options of [
    ['--branch=main'],
    ['--depth=1', '--branch=main'],
    ['--depth=2', '--branch=other'],
  ]) {
    const access = await findRemote({ directory: await repository.clone(...options) });
    expect(await nearestAncestor(access, commits[from] as string, ids)).toEqual({
      commit: commits[commit],
      behind,
    });
  }
});

test('there is none among commits of other branches and later ones', async () => {
  const ids = new Set([commits['other'] as string, commits['four'] as string]);
  const access = await findRemote({ directory: await repository.clone('--depth=1', '--branch=main') });
  expect(await nearestAncestor(access, commits['three'] as string, ids)).toBeUndefined();
});

test('what cannot be fetched is said in git words, without secrets', async () => {
  const directory = await repository.clone('--depth=1', '--branch=main');
  await runGit(directory, ['remote', 'set-url', 'origin', 'http://ada:s3cret@127.0.0.1:1/x.git']);
  const found = await nearestAncestor(await findRemote({ directory }), commits['two'] as string, new Set());
  expect(found).toEqual({ why: expect.stringContaining('127.0.0.1') });
  expect(JSON.stringify(found)).not.toContain('s3cret');
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cp, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { createRepository, runGit, type TestRepository } from '@sluice/testing/repository.ts';
import { forgeObject } from '@sluice/testing/forged-object.ts';
import { isInHistory, mergeBaseOf, nearestAncestor } from './history.ts';
import { findRemote } from './remote.ts';
import { Scratch } from './scratch.ts';

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

test('the base of a branch and a commit, and whether one is in the history of another, are the same in every checkout', async () => {
  const [one = '', side = '', four = '', other = ''] = ['one', 'side', 'four', 'other'].map(
    (name) => commits[name],
  );
  for (const options of [['--branch=main'], ['--depth=1', '--branch=main']]) {
    const access = await findRemote({ directory: await repository.clone(...options) });
    expect(await mergeBaseOf(access, 'main', other)).toEqual({ commit: commits['begin'] });
    expect(await mergeBaseOf(access, 'other', side)).toEqual({ commit: commits['begin'] });
    expect(await isInHistory(access, four, side)).toBe(true);
    expect(await isInHistory(access, one, side)).toBe(true);
    expect(await isInHistory(access, side, other)).toBe(true);
    expect(await isInHistory(access, other, four)).toBe(false);
  }
});

test('other bytes under the id of a commit are not believed, neither for history nor for a new commit', async () => {
  // Its objects lie in files of their own.
  const directory = path.join(repository.root, 'copy');
  await cp(repository.workspace, directory, { recursive: true });
  const access = await findRemote({ directory });
  const [two = '', side = '', four = ''] = ['two', 'side', 'four'].map((name) => commits[name]);
  const text = await runGit(directory, ['cat-file', 'commit', two]);
  await forgeObject(access.objects, two, 'commit', text.replace(/parent .*/, `parent ${side}`));
  const why = expect.stringContaining(`holds other bytes under the object id ${two}`);
  expect(await nearestAncestor(access, four, new Set([side]))).toEqual({ why });
  expect(await mergeBaseOf(access, 'main', side)).toEqual({ why });
  expect(await isInHistory(access, two, side)).toBeUndefined();
  await expect(Scratch.use(access, undefined, (scratch) => scratch.treeOf(two))).rejects.toMatchObject({
    reasonCode: 'bad-config',
    message: why,
  });
});

test('what the checkout puts in the place of commits and their parents is not looked at', async () => {
  const directory = await repository.clone('--branch=main');
  const access = await findRemote({ directory });
  const [two = '', three = '', side = ''] = ['two', 'three', 'side'].map((name) => commits[name]);
  await runGit(directory, ['replace', three, side]);
  await writeFile(path.join(directory, '.git', 'info', 'grafts'), `${two} ${side}\n`);
  expect(await nearestAncestor(access, three, new Set([side]))).toBeUndefined();
  expect(await nearestAncestor(access, three, new Set([two]))).toEqual({ commit: two, behind: 1 });
});

test('what cannot be fetched is said in git words, without secrets', async () => {
  const directory = await repository.clone('--depth=1', '--branch=main');
  await runGit(directory, ['remote', 'set-url', 'origin', 'http://ada:s3cret@127.0.0.1:1/x.git']);
  const found = await nearestAncestor(await findRemote({ directory }), commits['two'] as string, new Set());
  expect(found).toEqual({ why: expect.stringContaining('127.0.0.1') });
  expect(JSON.stringify(found)).not.toContain('s3cret');
});

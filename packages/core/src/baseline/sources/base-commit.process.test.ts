import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { findRemote } from '../../ledger/remote.ts';
import { copyRepository, createRepository, runGit, type TestRepository } from '@sluice/testing/repository.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { findBaseCommit, type BaseCommit } from './base-commit.ts';

let repository: TestRepository;
/** Where the change left main, its head, and main afterwards. */
let branched: string;
let change: string;
let main: string;

const { signal } = new AbortController();

let begun: TestRepository;
beforeAll(async () => {
  begun = await createRepository();
  branched = await begun.git('rev-parse', 'HEAD');
  await begun.git('checkout', '--quiet', '-b', 'change');
  await begun.git('commit', '--quiet', '--allow-empty', '--message', 'Change');
  await begun.git('push', '--quiet', 'origin', 'change');
  change = await begun.git('rev-parse', 'HEAD');
  await begun.git('checkout', '--quiet', 'main');
  main = await begun.commit('Meanwhile');
  await begun.git('checkout', '--quiet', '--detach');
  await begun.git('merge', '--quiet', '--no-ff', '--message', 'Merge', 'change');
  await begun.git('push', '--quiet', 'origin', 'HEAD:refs/heads/merged');
});
afterAll(() => begun.remove());

beforeEach(async () => {
  repository = await copyRepository(begun);
});
afterEach(() => repository.remove());

/** `head` is the pull request's; without one, only GITHUB_BASE_REF says that there is a base branch. */
async function base(
  directory: string,
  { head, env = { GITHUB_BASE_REF: 'main' } }: { head?: string; env?: Record<string, string> } = {},
): Promise<BaseCommit> {
  const access = await findRemote({ directory });
  const pull = head === undefined ? undefined : { number: 7, headSha: head, baseRef: 'main', fork: false };
  return findBaseCommit({ directory, env, signal }, access, pull);
}

describe.each([
  ['with the event', (): string | undefined => change],
  ['without it', (): string | undefined => undefined],
])('%s', (_, headOf) => {
  const of = (directory: string): Promise<BaseCommit> => {
    const head = headOf();
    return base(directory, head === undefined ? {} : { head });
  };

  test('of a merge commit it is the first parent, in a shallow checkout too', async () => {
    expect(await of(repository.workspace)).toEqual({ commit: main });
    expect(await of(await repository.clone('--depth=1', '--branch=merged'))).toEqual({ commit: main });
  });

  test.each([
    ['a whole checkout', ['--branch=change']],
    ['a shallow one', ['--depth=1', '--branch=change']],
    ['one of the branch alone', ['--single-branch', '--branch=change']],
  ])('of the head it is the merge base, in %s', async (__, options) => {
    const clone = await repository.clone(...options);
    expect(await of(clone)).toEqual({ commit: branched });
    await runGit(clone, ['checkout', '--quiet', '--detach']);
    expect(await of(clone)).toEqual({ commit: branched });
  });
});

test('a shallow checkout stays as shallow as it was', async () => {
  const clone = await repository.clone('--depth=1', '--branch=change');
  await base(clone, { head: change });
  expect(await runGit(clone, ['rev-list', '--count', 'HEAD'])).toBe('1');
  expect(await runGit(clone, ['for-each-ref', '--format=%(refname)'])).not.toContain('history');
});

test('a head that is a merge itself, as "Update branch" makes it, has the merge base of what it merged', async () => {
  await repository.git('checkout', '--quiet', 'change');
  await repository.git('merge', '--quiet', '--no-ff', '--message', 'Update branch', 'main');
  await repository.git('push', '--quiet', 'origin', 'change');
  const head = await repository.git('rev-parse', 'HEAD');
  expect(await base(repository.workspace, { head })).toEqual({ commit: main });
  expect(await base(await repository.clone('--depth=1', '--branch=change'), { head })).toEqual({
    commit: main,
  });
});

test('the base of the event, frozen when the pull request was opened, plays no part', async () => {
  // main moved on since; the merge commit that is checked out knows.
  const env = { GITHUB_BASE_REF: 'main', GITHUB_BASE_SHA: branched };
  expect(await base(repository.workspace, { head: change, env })).toEqual({ commit: main });
});

test('what cannot be fetched is said with what to do', async () => {
  const clone = await repository.clone('--depth=1', '--branch=change');
  await runGit(clone, ['remote', 'set-url', 'origin', `${repository.remote}-gone`]);
  expect(await base(clone, { head: change })).toEqual({ why: expect.stringContaining('fetch-depth: 0') });
});

test('a base branch that is not there has no merge base', async () => {
  const clone = await repository.clone('--branch=change');
  expect(await base(clone, { env: { GITHUB_BASE_REF: 'gone' } })).toEqual({
    why: expect.stringContaining('the history of gone cannot be fetched'),
  });
});

test('outside a pull request it is the parent', async () => {
  const env = {};
  expect(await base(await repository.clone('--branch=main'), { env })).toEqual({ commit: branched });
  expect(await base(await repository.clone('--depth=1', '--branch=main'), { env })).toEqual({
    commit: branched,
  });
});

test('without a commit there is none', async () => {
  const folder = await temporaryFolder('empty');
  await runGit(folder, ['init', '--quiet']);
  await runGit(folder, ['remote', 'add', 'origin', repository.remote]);
  expect(await base(folder)).toEqual({ why: 'no commit is checked out' });
});

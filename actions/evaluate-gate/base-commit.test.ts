import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ActionContext } from '@sluice/core/action/context.ts';
import { createRepository, runGit, type TestRepository } from '../../test/support/repository.ts';
import { findBaseCommit, type BaseCommit } from './base-commit.ts';
import { temporaryFolder } from '../../test/support/temporary.ts';

let repository: TestRepository;
let branched: string;
let main: string;

beforeEach(async () => {
  repository = await createRepository();
  branched = await repository.git('rev-parse', 'HEAD');
  await repository.git('checkout', '--quiet', '-b', 'change');
  await repository.git('commit', '--quiet', '--allow-empty', '--message', 'Change');
  await repository.git('push', '--quiet', 'origin', 'change');
  await repository.git('checkout', '--quiet', 'main');
  main = await repository.commit('Meanwhile');
  await repository.git('checkout', '--quiet', '--detach');
  await repository.git('merge', '--quiet', '--no-ff', '--message', 'Merge', 'change');
  await repository.git('push', '--quiet', 'origin', 'HEAD:refs/heads/merged');
});

afterEach(() => repository.remove());

const base = (
  directory: string,
  env: Record<string, string> = { GITHUB_BASE_REF: 'main' },
): Promise<BaseCommit> => findBaseCommit({ directory, env } as unknown as ActionContext);

test('of a merge commit it is the first parent, in a shallow checkout too', async () => {
  expect(await base(repository.workspace)).toEqual({ commit: main });
  expect(await base(await repository.clone('--depth=1', '--branch=merged'))).toEqual({ commit: main });
});

test('of the head it is the merge base', async () => {
  const clone = await repository.clone('--branch=change');
  expect(await base(clone)).toEqual({ commit: branched });
});

test('of the head in a shallow checkout it cannot be told, and the reason says what to do', async () => {
  const clone = await repository.clone('--depth=1', '--branch=change');
  expect(await base(clone)).toEqual({ why: expect.stringContaining('fetch-depth: 0') });
});

test('outside a pull request it is the parent', async () => {
  expect(await base(await repository.clone('--branch=main'), {})).toEqual({ commit: branched });
  expect(await base(await repository.clone('--depth=1', '--branch=main'), {})).toEqual({ commit: branched });
});

test('without a commit there is none', async () => {
  const folder = await temporaryFolder('empty');
  expect(await base(folder)).toEqual({ why: 'no commit is checked out' });
  await runGit(folder, ['init', '--quiet']);
  expect(await base(folder)).toEqual({ why: 'no commit is checked out' });
});

import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createRepository, runGit, type TestRepository } from '@sluice/testing/repository.ts';
import { differenceOf } from './difference.ts';
import { findRemote } from './remote.ts';

jest.setTimeout(60_000);

const TEXT = '  a: 1\nb: 2\n\n';
let repository: TestRepository;
let [from, to] = ['', ''];

beforeEach(async () => {
  repository = await createRepository({ 'ml/a*b.yaml': TEXT, 'same.txt': '1', 'gone.txt': '2' });
  from = await repository.git('rev-parse', 'HEAD');
  await repository.git('rm', '--quiet', 'gone.txt');
  await repository.write({ 'ml/a*b.yaml': 'other\n', 'ml/näu\tx': 'new' });
  to = await repository.commit('Change');
});
afterEach(() => repository.remove());

test.each([
  ['a whole clone', []],
  ['a shallow one, which fetches what it lacks', ['--depth=1']],
  ['a shallow one without files', ['--depth=1', '--filter=blob:none']],
])('is told in %s, with the file as it was', async (_, args) => {
  const clone = await repository.clone(...args);
  const access = await findRemote({ directory: clone });
  expect(await differenceOf(access, { from, to, file: 'ml/a*b.yaml' })).toEqual({
    paths: ['gone.txt', 'ml/a*b.yaml', 'ml/näu\tx'],
    before: TEXT,
  });
  expect(await differenceOf(access, { from, to, file: 'ml/näu\tx' })).toMatchObject({ before: undefined });
  const shallow = await runGit(clone, ['rev-list', '--count', 'HEAD']);
  expect(shallow).toBe(args.length === 0 ? '2' : '1');
});

test('says why where the commit cannot be had', async () => {
  const access = await findRemote({ directory: repository.workspace });
  expect(await differenceOf(access, { from: 'f'.repeat(40), to, file: 'x' })).toEqual({
    why: expect.stringMatching(/./),
  });
});

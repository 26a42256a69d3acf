import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { serveGit } from '@sluice/testing/git-server.ts';
import { repositoryForEach } from '@sluice/testing/repository-for-each.ts';
import { type TestRepository } from '@sluice/testing/repository.ts';
import { findRemote } from './remote.ts';
import {
  MOST_EVALUATIONS,
  testSetUses,
  withEvaluation,
  type Evaluation,
  type TestSetUses,
} from './test-set-uses.ts';

jest.setTimeout(60_000);

let repository: TestRepository;
repositoryForEach((made) => {
  repository = made;
});

const TEST_SET = 'd'.repeat(64);
const REF = `refs/sluice/test-sets/${TEST_SET}`;
const open = async (digest = TEST_SET, model = 'm'): Promise<TestSetUses> =>
  testSetUses(await findRemote({ directory: repository.workspace }), model, digest);
const evaluation = (i: number, at = '2026-01-01T00:00:00.000Z'): Evaluation => ({
  candidate: i.toString(16).padStart(64, '0'),
  at,
});

describe('uses of a test set', () => {
  test('are listed in order, each candidate once', async () => {
    const uses = await open();
    expect(await uses.read()).toEqual([]);
    await uses.add(evaluation(1));
    await uses.add(evaluation(2));
    const again = await uses.add(evaluation(1, '2027-01-01T00:00:00.000Z'));
    expect(again).toEqual([evaluation(1), evaluation(2)]);
    expect(await (await open()).read()).toEqual(again);
    expect(await repository.remoteGit('log', '--format=%s', REF)).toBe(
      'm: evaluation 2 of this test set\nm: evaluation 1 of this test set',
    );
  });

  test('note once and for ever that a candidate was accepted', async () => {
    const uses = await open();
    await uses.add(evaluation(1));
    await uses.add(evaluation(2));
    const accepted = { ...evaluation(1), accepted: true } as const;
    expect(await uses.add(accepted)).toEqual([accepted, evaluation(2)]);
    expect(await uses.add(evaluation(1))).toEqual([accepted, evaluation(2)]);
  });

  test('are those of one test set, whatever its models are called', async () => {
    await (await open()).add(evaluation(1));
    expect(await (await open('e'.repeat(64))).read()).toEqual([]);
    expect(await (await open(TEST_SET, 'm-2')).add(evaluation(2))).toHaveLength(2);
    expect(await repository.remoteGit('log', '-1', '--format=%s', REF)).toBe(
      'm-2: evaluation 2 of this test set',
    );
  });

  test('are counted from a shallow clone, which stays as it was', async () => {
    await (await open()).add(evaluation(1));
    const clone = await repository.clone('--depth=1');
    const uses = testSetUses(await findRemote({ directory: clone }), 'm', TEST_SET);
    expect(await uses.add(evaluation(2))).toHaveLength(2);
    expect(await repository.remoteGit('rev-list', '--count', REF)).toBe('2');
  });

  test.each([
    ['no JSON', '12 models'],
    ['another shape', '{"evaluations": [{"candidate": "x", "at": "2026-01-01T00:00:00Z"}]}'],
    ['a date that is none', `{"evaluations": [{"candidate": "${'a'.repeat(64)}", "at": "today"}]}`],
  ])('that are %s are refused, with the way out', async (_, text) => {
    await repository.write({ 'evaluations.json': text });
    const commit = await repository.commit('Damage');
    await repository.remoteGit('update-ref', REF, commit);
    await expect((await open()).add(evaluation(1))).rejects.toMatchObject({
      reasonCode: 'bad-config',
      message: expect.stringContaining(`git push origin :${REF}`),
    });
    expect(await repository.remoteGit('rev-parse', REF)).toBe(commit);
  });

  test('are read, but not added, by a token that may only read', async () => {
    await (await open()).add(evaluation(1));
    const server = await serveGit(repository.root, (_, service) => service === 'read');
    await repository.git('remote', 'set-url', 'origin', `${server.origin}/remote.git`);
    const uses = await open();
    expect(await uses.read()).toHaveLength(1);
    expect(await uses.add(evaluation(1))).toHaveLength(1);
    await expect(uses.add(evaluation(2))).rejects.toMatchObject({
      reasonCode: 'no-permission',
      message: expect.stringContaining('permissions:\n  contents: write'),
    });
    await server.close();
  });
});

describe('a list', () => {
  const lists = fc.array(fc.nat({ max: 30 }).map((i) => evaluation(i)));

  test('holds each candidate once, in the order of its first time, whatever is added again', () => {
    fc.assert(
      fc.property(lists, (added) => {
        const list = added.reduce<readonly Evaluation[]>(withEvaluation, []);
        const seen = [...new Set(added.map(({ candidate }) => candidate))];
        expect(list.map(({ candidate }) => candidate)).toEqual(seen);
        expect(added.reduce(withEvaluation, list)).toBe(list);
      }),
    );
  });

  test('does not grow beyond its bound', () => {
    const full = Array.from({ length: MOST_EVALUATIONS }, (_, i) => evaluation(i));
    expect(withEvaluation(full, evaluation(MOST_EVALUATIONS + 1))).toBe(full);
  });
});

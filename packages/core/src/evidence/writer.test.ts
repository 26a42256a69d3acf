import { describe, expect, test } from '@jest/globals';
import {
  provenanceStatement,
  testResultStatement,
  withWriter,
  type Statement,
  type Writer,
} from './statement.ts';
import { checkWriters, writerOf } from './writer.ts';

const MODEL = { name: 'm', digest: 'a'.repeat(64) };
const DATA = 'd'.repeat(64);
const COMMIT = 'c'.repeat(40);
const url = (run: number, attempt: number, repository = 'acme/m'): string =>
  `https://forge.example/${repository}/actions/runs/${run}/attempts/${attempt}`;
const HERE: Writer = { commit: COMMIT, run: url(7, 2) };

const by = (writer: Writer | undefined, statement: Statement): Statement =>
  writer === undefined ? statement : withWriter(statement, writer);
const gate = (writer?: Writer): Statement =>
  by(
    writer,
    testResultStatement([{ name: 'model:m', sha256: MODEL.digest }], { result: 'PASSED', configuration: [] }),
  );
const data = (writer?: Writer, sha256 = DATA): Statement =>
  by(writer, testResultStatement([{ name: 'train.csv', sha256 }], { result: 'PASSED', configuration: [] }));
const training = (writer?: Writer): Statement =>
  by(
    writer,
    provenanceStatement([{ name: 'model:m', sha256: MODEL.digest }], {
      buildDefinition: {
        buildType: 'b',
        externalParameters: {},
        resolvedDependencies: [{ name: 'train.csv', digest: { sha256: DATA } }],
      },
      runDetails: { builder: { id: 'w' } },
    }),
  );

describe('in a workflow run', () => {
  test.each<[string, Writer]>([
    ['this attempt', HERE],
    ['an earlier attempt, in a job that is not run again', { commit: COMMIT, run: url(7, 1) }],
  ])('what %s wrote counts', (_, writer) => {
    expect(checkWriters([gate(writer), training(writer), data(writer)], MODEL, HERE)).toBeUndefined();
  });

  test.each<[string, Writer | undefined, RegExp]>([
    ['says nothing', undefined, /by nobody knows which run/],
    ['names no commit', { run: url(7, 2) }, /at no commit that it names/],
    [
      'was committed before',
      { commit: 'b'.repeat(40), run: url(7, 2) },
      /at commit bbbb.*this is the run .*commit cccc/,
    ],
    ['is of another run', { commit: COMMIT, run: url(8, 1) }, /by the run .*runs\/8\/attempts\/1/],
    ['is of a later attempt', { commit: COMMIT, run: url(7, 3) }, /attempts\/3/],
    ['is of a fork', { commit: COMMIT, run: url(7, 2, 'eve/m') }, /eve\/m/],
    ['was written on a laptop', { commit: COMMIT }, /outside of a workflow run/],
  ])('a statement that %s does not, whichever it is', (_, writer, words) => {
    for (const statements of [
      [gate(writer), training(HERE), data(HERE)],
      [gate(HERE), training(writer), data(HERE)],
      [gate(HERE), training(HERE), data(writer)],
      [gate(HERE), data(writer)],
      [gate(HERE), gate(writer)],
    ])
      expect(checkWriters(statements, MODEL, HERE)).toMatchObject({
        kind: 'mismatch',
        message: expect.stringMatching(words),
      });
  });

  test('a statement about something else stops nothing', () => {
    const stale = { commit: 'b'.repeat(40) };
    expect(
      checkWriters([gate(HERE), training(HERE), data(stale, 'e'.repeat(64))], MODEL, HERE),
    ).toBeUndefined();
  });
});

test('outside of a workflow run the commit decides', () => {
  const here = writerOf({}, COMMIT);
  expect(here).toEqual({ commit: COMMIT });
  expect(checkWriters([gate({ commit: COMMIT, run: url(1, 1) })], MODEL, here)).toBeUndefined();
  expect(checkWriters([gate({ commit: 'b'.repeat(40) })], MODEL, here)?.kind).toBe('mismatch');
});

test('without any commit nothing counts', () => {
  expect(checkWriters([gate({})], MODEL, {})?.kind).toBe('mismatch');
});

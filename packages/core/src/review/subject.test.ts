import { describe, expect, test } from '@jest/globals';
import type { PullRequest } from '../forge/event.ts';
import { subjectOf, type CheckedOut, type LookedUp } from './subject.ts';

const [MAIN, HEAD, OTHER] = ['a', 'b', 'c'].map((c) => c.repeat(40)) as [string, string, string];
const at = (commit: string, ...parents: string[]): CheckedOut => ({ commit, parents });
const pull: PullRequest = { number: 7, headSha: HEAD, baseRef: 'main', fork: false };
const fork = { ...pull, fork: true };

const OF_PULL: LookedUp = { kind: 'pull', pull, isTarget: false };
const OF_TARGET: LookedUp = { kind: 'pull', pull, isTarget: true };
const OF_FORK: LookedUp = { kind: 'pull', pull: fork, isTarget: false };
const queued = { number: 7, branch: 'main', base: '9'.repeat(40) };
const OF_GROUP: LookedUp = { kind: 'merge-group', headSha: HEAD, queued };
const OF_RUN: LookedUp = { kind: 'finished-run', headSha: HEAD };
const OF_COMMENT: LookedUp = { kind: 'comment', number: 7, pull };
const OF_COMMIT: LookedUp = { kind: 'commit', headSha: HEAD };

describe('event and checkout agree', () => {
  const MERGED = at(OTHER, MAIN, HEAD);
  const known = { kind: 'known', headSha: HEAD };
  test.each<[string, LookedUp, CheckedOut | undefined, object]>([
    ['a pull request, merged into its base', OF_PULL, MERGED, { ...known, pull }],
    ['a pull request, its head checked out', OF_PULL, at(HEAD, MAIN), { ...known, pull }],
    ['a pull request, numbers of another job', OF_PULL, undefined, { ...known, pull }],
    ["a fork's pull request", OF_FORK, MERGED, { ...known, pull: fork }],
    ['pull_request_target of an own branch, its head checked out', OF_TARGET, at(HEAD), { ...known, pull }],
    ['a merge group', OF_GROUP, at(HEAD, MAIN), { ...known, queued }],
    ['a merge group whose branch says no pull request', { ...OF_GROUP, queued: undefined }, at(HEAD), known],
    ['a run that has ended', OF_RUN, at(HEAD), known],
    ['a run that has ended, about a merge', OF_RUN, MERGED, known],
    ['a comment', OF_COMMENT, at(HEAD), { ...known, pull }],
    ['a push', OF_COMMIT, at(HEAD, MAIN), known],
    ['a push, numbers of another job', OF_COMMIT, undefined, known],
  ])('%s', (_, event, head, subject) => {
    expect(subjectOf(event, head)).toEqual(subject);
  });

  test('there is none outside of a workflow', () => {
    expect(subjectOf({ kind: 'commit', headSha: undefined }, at(HEAD))).toEqual({ kind: 'none' });
  });
});

describe('event and checkout do not agree', () => {
  test.each<[string, LookedUp, CheckedOut | undefined, RegExp]>([
    ['a pull request and its base', OF_PULL, at(MAIN), /Remove 'ref'/],
    ['a pull request and a commit on top of it', OF_PULL, at(OTHER, HEAD), /before a step that commits/],
    ['a pull request and a merge of its base into something', OF_PULL, at(OTHER, HEAD, MAIN), /Remove 'ref'/],
    ['pull_request_target and the base', OF_TARGET, at(MAIN), /Run the gate on pull_request;/],
    ['pull_request_target without a checkout', OF_TARGET, undefined, /No commit is checked out/],
    [
      "pull_request_target and the fork's code",
      { ...OF_TARGET, pull: fork },
      at(HEAD),
      /would vouch for itself/,
    ],
    ['a merge group and main', OF_GROUP, at(MAIN), /the merge group is b{12}/],
    ['a run that has ended and main', OF_RUN, at(MAIN), /workflow_run\.head_sha/],
    ['a run that has ended without a checkout', OF_RUN, undefined, /No commit is checked out/],
    ['a run that says no commit', { ...OF_RUN, headSha: undefined }, at(MAIN), /does not name/],
    ['a comment and main', { ...OF_COMMENT, pull: { why: 'So it is.' } }, at(MAIN), /request 7.*So it is\./],
    ['a run by hand and another ref', OF_COMMIT, at(MAIN), /gh workflow run --ref/],
  ])('%s', (_, event, head, why) => {
    expect(subjectOf(event, head)).toEqual({ kind: 'unknown', why: expect.stringMatching(why) });
  });
});

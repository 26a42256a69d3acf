import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { GitHubDouble } from '@sluice/testing/github/server.ts';
import { ForgeRefusal, ForgeUnavailable, type ForgeApi } from './api.ts';
import { startCheck } from './check-run.ts';
import { writeComment } from './comment.ts';
import type { Shared } from './converge.ts';
import { readEventSubject } from './event.ts';
import { untilCancelled } from './deadline.ts';
import { openGitHub } from './github.ts';
import type { Finish } from './mark.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';

const SHA = 'a'.repeat(40);
const marker = '<!-- sluice:evaluate-gate:m -->';
const DONE: Finish = { ending: 'pass', title: 'fine', summary: '', annotations: [] };
/** Of two versions the later stays. */
const newest: Shared<string> = {
  read: (text) => text.slice(marker.length + 1),
  merge: (a, b) => (a > b ? a : b),
  holds: (value, wanted) => value >= wanted,
  write: (value) => value,
};
const place = { number: 7, marker };

async function write(api: ForgeApi, content = '1', create = true): Promise<string | undefined> {
  return (await writeComment(api, place, { content, shared: newest, create }, () => 1))?.address;
}
const NEVER = untilCancelled(new AbortController().signal);
let github: GitHubDouble;

async function open(token = 'ghs_test'): Promise<ForgeApi> {
  return (await openGitHub(github.env, token, NEVER)) as ForgeApi;
}

beforeEach(async () => {
  github = new GitHubDouble();
  await github.start();
});

afterEach(async () => {
  await github.stop();
  expect(github.violations).toEqual([]);
});

describe('writeComment', () => {
  test('creates one comment and updates it in place', async () => {
    const api = await open();
    await write(api);
    await write(api, '2');
    expect(github.state.comments).toMatchObject([{ body: `${marker}\n2`, issue: 7 }]);
  });

  test('does not write what is already there', async () => {
    const api = await open();
    await write(api);
    await write(api);
    expect(github.requests.filter((r) => r.method !== 'GET')).toHaveLength(1);
  });

  test('finds its comment behind the first page', async () => {
    for (let i = 0; i < 230; i++) github.state.addComment(7, `comment ${i}`);
    github.state.addComment(7, `${marker}\n0`, { login: 'github-actions[bot]', type: 'Bot' });
    await write(await open());
    expect(github.state.comments.filter((c) => c.body.startsWith(marker))).toHaveLength(1);
  });

  test('leaves a comment alone in which a person pasted the marker', async () => {
    github.state.addComment(7, `${marker}\n3`);
    await write(await open());
    expect(github.state.comments.map((c) => c.body)).toEqual([`${marker}\n3`, `${marker}\n1`]);
  });

  test('writes no new comment when none is wanted, but brings an old one up to date', async () => {
    const api = await open();
    expect(await write(api, '1', false)).toBeUndefined();
    await write(api);
    await write(api, '2', false);
    expect(github.state.comments).toMatchObject([{ body: `${marker}\n2` }]);
  });

  test.each(['torn', 'reset'] as const)('a %s answer leads to no second comment', async (kind) => {
    github.fail({ method: 'POST', path: /comments$/, kind });
    await write(await open());
    expect(github.state.comments).toHaveLength(1);
  });

  test.each([
    { status: 500 },
    { status: 502 },
    { secondaryLimit: 429, retryAfter: 1 },
    { secondaryLimit: 403, retryAfter: 0 },
  ] as const)('is tried again after %j', async (kind) => {
    github.fail({ method: 'POST', path: /comments$/, kind });
    await write(await open());
    expect(github.state.comments).toHaveLength(1);
  });

  test('gives up after three attempts', async () => {
    github.fail({ method: 'POST', path: /comments$/, kind: { status: 503 }, times: 9 });
    await expect(write(await open())).rejects.toThrow(ForgeUnavailable);
    expect(github.requests.filter((r) => r.method === 'POST')).toHaveLength(3);
  });

  test.each([401, 403, 404, 422])('a refusal with %d is not tried again', async (status) => {
    github.fail({ method: 'POST', path: /comments$/, kind: { status }, times: 9 });
    await expect(write(await open())).rejects.toMatchObject({ status });
    expect(github.requests.filter((r) => r.method === 'POST')).toHaveLength(1);
  });

  test('a wrong token is refused', async () => {
    await expect(write(await open('wrong'))).rejects.toThrow(ForgeRefusal);
  });
});

describe('startCheck', () => {
  test('creates a check in progress and completes it', async () => {
    const check = await startCheck(await open(), { name: 'Sluice: m', headSha: SHA });
    expect(github.state.checks).toMatchObject([
      { name: 'Sluice: m', headSha: SHA, status: 'in_progress', conclusion: null },
    ]);
    await check.complete({ ...DONE, ending: 'fail', title: 'auc fell', summary: 'The report' });
    expect(github.state.checks).toMatchObject([
      { status: 'completed', conclusion: 'failure', title: 'auc fell', summary: 'The report' },
    ]);
  });

  test.each(['torn', 'reset'] as const)('a %s answer leads to no second check', async (kind) => {
    github.fail({ method: 'POST', path: /check-runs$/, kind });
    const check = await startCheck(await open(), { name: 'Sluice: m', headSha: SHA });
    await check.complete(DONE);
    expect(github.state.checks).toMatchObject([{ conclusion: 'success' }]);
    expect(github.state.checks).toHaveLength(1);
  });

  test('completes it although the server stumbles', async () => {
    const check = await startCheck(await open(), { name: 'Sluice: m', headSha: SHA });
    github.fail({ method: 'PATCH', path: /check-runs/, kind: { status: 502 }, times: 2 });
    await check.complete({ ...DONE, ending: 'warn' });
    expect(github.state.checks).toMatchObject([{ conclusion: 'neutral' }]);
  });
});

describe('openGitHub', () => {
  test('needs a token and the name of a repository', async () => {
    expect(await openGitHub(github.env, undefined, NEVER)).toBeUndefined();
    expect(await openGitHub({ ...github.env, GITHUB_REPOSITORY: '' }, 'x', NEVER)).toBeUndefined();
    expect(await openGitHub({ ...github.env, GITHUB_REPOSITORY: 'a/b/c' }, 'x', NEVER)).toBeUndefined();
  });
});

describe('readEventSubject', () => {
  const read = async (event: unknown, name = 'pull_request'): Promise<unknown> => {
    const file = path.join(await temporaryFolder('event'), 'event.json');
    await writeFile(file, typeof event === 'string' ? event : JSON.stringify(event));
    return readEventSubject({ GITHUB_EVENT_PATH: file, GITHUB_EVENT_NAME: name, GITHUB_SHA: SHA });
  };
  const pull = (head: unknown): unknown => ({
    pull_request: {
      number: 7,
      head: { sha: SHA, repo: head },
      base: { ref: 'main', repo: { full_name: 'acme/flights' } },
    },
  });

  test.each([
    [{ full_name: 'acme/flights' }, false],
    [{ full_name: 'eve/flights' }, true],
    [null, true],
  ])('a pull request from %j, fork: %s', async (head, fork) => {
    expect(await read(pull(head))).toEqual({
      kind: 'pull',
      pull: { number: 7, headSha: SHA, baseRef: 'main', fork },
      isTarget: false,
    });
    expect(await read(pull(head), 'pull_request_target')).toMatchObject({ isTarget: true });
  });

  test.each(['', '{', '[]', { ref: 'refs/heads/main' }, { pull_request: { number: 'x' } }])(
    '%j is about the commit of the run',
    async (event) => {
      expect(await read(event)).toEqual({ kind: 'commit', headSha: SHA });
    },
  );

  test.each([
    [
      'refs/heads/gh-readonly-queue/main/pr-7-0a',
      'refs/heads/main',
      { number: 7, branch: 'main', base: '0a' },
    ],
    [
      'refs/heads/gh-readonly-queue/a/b/pr-12-0a',
      'refs/heads/a/b',
      { number: 12, branch: 'a/b', base: '0a' },
    ],
    ['refs/heads/gh-readonly-queue/main/pr-7-0a', 'refs/heads/other', undefined],
    ['refs/heads/queue/main/pr-7-0a', 'refs/heads/main', undefined],
    ['refs/heads/gh-readonly-queue/main/pr-7x-0a', 'refs/heads/main', undefined],
  ])('a merge group %s of %s', async (head_ref, base_ref, queued) => {
    const event = { merge_group: { head_sha: SHA, head_ref, base_ref } };
    expect(await read(event, 'merge_group')).toEqual({ kind: 'merge-group', headSha: SHA, queued });
  });

  test('a comment on a pull request, and one on an issue', async () => {
    expect(await read({ issue: { number: 7, pull_request: {} } }, 'issue_comment')).toEqual({
      kind: 'comment',
      number: 7,
    });
    expect(await read({ issue: { number: 7 } }, 'issue_comment')).toEqual({ kind: 'commit', headSha: SHA });
  });

  test('a run that has ended, also one that the event does not name well', async () => {
    const other = 'd'.repeat(40);
    expect(await read({ workflow_run: { head_sha: other } }, 'workflow_run')).toEqual({
      kind: 'finished-run',
      headSha: other,
    });
    expect(await read({ workflow_run: { head_sha: 'x' } }, 'workflow_run')).toEqual({
      kind: 'finished-run',
      headSha: undefined,
    });
  });
});

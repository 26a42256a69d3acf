import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GitHubDouble } from '@sluice/testing/github/server.ts';
import { ForgeRefusal, type ForgeApi } from './api.ts';
import { untilCancelled } from './deadline.ts';
import { openGitHub } from './github.ts';
import { findPull } from './pull-requests.ts';
import { activeRuns, runCreatedAt } from './workflow-runs.ts';

const SHA = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);
const NEVER = untilCancelled(new AbortController().signal);
let github: GitHubDouble;

async function open(): Promise<ForgeApi> {
  return (await openGitHub(github.env, 'ghs_test', NEVER)) as ForgeApi;
}

beforeEach(async () => {
  github = new GitHubDouble({ permissions: { actions: 'read' } });
  await github.start();
});

afterEach(async () => {
  await github.stop();
  expect(github.violations).toEqual([]);
});

describe('activeRuns', () => {
  test('has the runs of the commit that have not ended, newest first', async () => {
    github.state.runs.push(
      { id: 1, headSha: SHA, status: 'in_progress' },
      { id: 2, headSha: SHA, status: 'completed' },
      { id: 3, headSha: OTHER, status: 'in_progress' },
      { id: 4, headSha: SHA, status: 'queued' },
    );
    expect(await activeRuns(await open(), SHA)).toEqual([
      { id: 4, address: 'https://github.com/acme/flights/actions/runs/4' },
      { id: 1, address: 'https://github.com/acme/flights/actions/runs/1' },
    ]);
  });

  test('is refused without the permission', async () => {
    await github.stop();
    github = new GitHubDouble();
    await github.start();
    await expect(activeRuns(await open(), SHA)).rejects.toThrow(ForgeRefusal);
  });
});

test('runCreatedAt has when a run was created, and nothing of a run that the commit does not have', async () => {
  const createdAt = new Date('2026-01-02T03:04:05Z');
  github.state.runs.push(
    { id: 1, headSha: SHA, status: 'completed', createdAt },
    { id: 2, headSha: OTHER, status: 'queued' },
  );
  expect(await runCreatedAt(await open(), 1, SHA)).toEqual(createdAt);
  expect(await runCreatedAt(await open(), 2, SHA)).toBeUndefined();
});

describe('findPull', () => {
  const head = { repository: 'eve/flights', branch: 'change', sha: SHA };
  const pull = { number: 7, state: 'open', head, base: 'main' } as const;

  test('has the pull request of exactly this commit, branch and repository', async () => {
    github.state.pulls.push(
      { ...pull, number: 3, state: 'closed' },
      { ...pull, number: 4, head: { ...head, sha: OTHER } },
      { ...pull, number: 5, head: { ...head, repository: 'eve/flights-again' } },
      { ...pull, number: 6, head: { ...head, repository: 'mallory/flights' } },
      pull,
      { ...pull, number: 8, base: 'release' },
    );
    expect(await findPull(await open(), head)).toEqual({ number: 7, baseRef: 'main' });
  });

  test('has none where the branch moved on', async () => {
    github.state.pulls.push({ ...pull, head: { ...head, sha: OTHER } });
    expect(await findPull(await open(), head)).toBeUndefined();
  });

  test.each(['a&state=closed', 'x?per_page=1#', '../../user', 'b c', 'ä/ß', 'x:y', '${{ github.token }}'])(
    'a branch called %j is one parameter and nothing else',
    async (branch) => {
      github.state.pulls.push({ ...pull, head: { ...head, branch } });
      expect(await findPull(await open(), { ...head, branch })).toEqual({ number: 7, baseRef: 'main' });
      expect(github.requests).toMatchObject([{ method: 'GET', path: '/repos/acme/flights/pulls' }]);
    },
  );
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GitHubDouble } from '@sluice/testing/github/server.ts';
import { ForgeRefusal, type ForgeApi } from './api.ts';
import { untilCancelled } from './deadline.ts';
import { openGitHub } from './github.ts';
import { tellIncident, type ToldIncident } from './incident.ts';

const marker = '<!-- sluice:rollback:m:production -->';
const NEVER = untilCancelled(new AbortController().signal);

let github: GitHubDouble;
let api: ForgeApi;
beforeEach(async () => {
  github = new GitHubDouble({ permissions: { issues: 'write' } });
  await github.start();
  api = (await openGitHub(github.env, 'ghs_test', NEVER)) as ForgeApi;
});
afterEach(async () => {
  await github.stop();
  expect(github.violations).toEqual([]);
});

const tell = (entry: string): Promise<ToldIncident> =>
  tellIncident(api, {
    marker,
    title: 'm in production',
    entry: `<!-- ${entry} -->`,
    text: `About ${entry}.`,
  });

describe('an incident', () => {
  test('is one issue while that is open, and another when it was closed', async () => {
    const first = await tell('one');
    expect(first).toEqual({ number: 1, address: 'https://github.com/acme/flights/issues/1', opened: true });
    expect(await tell('two')).toMatchObject({ number: 1, opened: false });
    expect(github.state.issues.stored).toMatchObject([
      { title: 'm in production', body: `${marker}\n<!-- one -->\nAbout one.` },
    ]);
    expect(github.state.comments).toMatchObject([{ issue: 1, body: '<!-- two -->\nAbout two.' }]);
    for (const issue of github.state.issues.stored) issue.state = 'closed';
    expect(await tell('three')).toMatchObject({ number: 2, opened: true });
  });

  test('is told once, whoever asks again', async () => {
    await tell('one');
    await tell('two');
    expect([await tell('one'), await tell('two')]).toMatchObject([{ opened: true }, { opened: false }]);
    expect(github.state.issues.stored).toHaveLength(1);
    expect(github.state.comments).toHaveLength(1);
  });

  test.each(['torn', 'reset'] as const)('whose creation got a %s answer is found again', async (kind) => {
    github.fail({ method: 'POST', path: /issues$/, kind });
    expect(await tell('one')).toMatchObject({ number: 1, opened: true });
    github.fail({ method: 'POST', path: /comments$/, kind });
    await tell('two');
    expect([github.state.issues.stored.length, github.state.comments.length]).toEqual([1, 1]);
  });

  test('is not what somebody else began with the marker, nor a pull request', async () => {
    const user = { login: 'mallory', type: 'User' };
    github.state.issues.add({ title: 'x', body: `${marker}\n`, user });
    github.state.issues.add({ title: 'y', body: `${marker}\n`, isPull: true });
    expect(await tell('one')).toMatchObject({ number: 3, opened: true });
  });

  test('is refused to a token that may not write issues, and where there are none', async () => {
    github.state.issues.enabled = false;
    await expect(tell('one')).rejects.toMatchObject({ status: 410 });
    github.state.permit({ issues: 'none' });
    await expect(tell('one')).rejects.toBeInstanceOf(ForgeRefusal);
  });
});

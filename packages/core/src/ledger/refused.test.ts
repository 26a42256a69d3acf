import { describe, expect, test } from '@jest/globals';
import { isTransient, remoteError } from './refused.ts';
import type { RemoteAccess } from './remote.ts';

const access: RemoteAccess = {
  repository: { gitDir: '/w/.git', workTree: '/w' },
  protocol: 'https',
  top: '/w',
  url: 'https://github.com/acme/flights.git',
  objects: '/w/.git/objects',
  cache: '/w/.git/sluice/objects',
  shallow: '/w/.git/shallow',
  objectFormat: 'sha1',
  config: [],
  secrets: ['ghs_secret', 'eC1hY2Nlc3M='],
};

/** What servers answer, word for word. */
describe.each<[string, string, string, RegExp]>([
  [
    'GitHub, a job without contents: write',
    "remote: Permission to acme/flights.git denied to github-actions[bot].\nfatal: unable to access 'https://github.com/acme/flights.git/': The requested URL returned error: 403",
    'no-permission',
    /contents: write/,
  ],
  [
    'GitHub, a fine-grained token',
    'remote: Write access to repository not granted.\nfatal: unable to access: The requested URL returned error: 403',
    'no-permission',
    /contents: write/,
  ],
  [
    'GitHub, no token for a private repository',
    "remote: Repository not found.\nfatal: repository 'https://github.com/acme/flights.git/' not found",
    'no-permission',
    /contents: write/,
  ],
  [
    'any server, no prompt allowed',
    "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
    'no-permission',
    /contents: write/,
  ],
  [
    'GitHub, a ruleset',
    'remote: error: GH013: Repository rule violations found for refs/tags/m@v1.0.0.\n ! [remote rejected] m@v1.0.0 -> m@v1.0.0 (push declined due to repository rule violations)',
    'no-permission',
    /ruleset/,
  ],
  [
    'GitLab, a protected tag',
    'remote: GitLab: You are not allowed to create this tag as it is protected.\n ! [remote rejected] (pre-receive hook declined)',
    'no-permission',
    /protection/,
  ],
  [
    'GitHub, a commit that changes a workflow',
    '! [remote rejected] (refusing to allow a GitHub App to create or update workflow `.github/workflows/a.yml` without `workflows` permission)',
    'no-permission',
    /may never bring those, .* Push the commit to a branch first.*ssh-key.*permission `workflows`/,
  ],
  [
    'GitHub, the same with a personal token',
    '! [remote rejected] (refusing to allow a Personal Access Token to create or update workflow `.github/workflows/a.yml` without `workflow` scope)',
    'no-permission',
    /may never bring those/,
  ],
  [
    'ssh, a key that is not known',
    'git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.',
    'no-permission',
    /contents: write/,
  ],
  [
    'a path that is no repository',
    "fatal: '/srv/none.git' does not appear to be a git repository",
    'bad-config',
    /set-url/,
  ],
  [
    'a name that does not resolve',
    'fatal: unable to access: Could not resolve host: github.com',
    'service-unavailable',
    /network/,
  ],
  [
    'a server in trouble',
    'fatal: unable to access: The requested URL returned error: 502',
    'service-unavailable',
    /again/,
  ],
  ['something new', 'fatal: the moon is in the wrong phase', 'service-unavailable', /moon/],
])('%s', (_who, stderr, reasonCode, says) => {
  test('is explained', () => {
    const error = remoteError(access, 'write', stderr);
    expect(error.reasonCode).toBe(reasonCode);
    expect(error.message).toMatch(says);
    expect(error.message).toContain(access.url);
  });
});

test('no secret gets into a message', () => {
  const { message } = remoteError(
    access,
    'read',
    'http://x-access-token:ghs_secret@host eC1hY2Nlc3M= https://user:other@host/x',
  );
  expect(message).not.toMatch(/ghs_secret|eC1hY2Nlc3M|other@/);
});

test('a server in trouble is asked again, a refusal is final', () => {
  expect(isTransient('The requested URL returned error: 503')).toBe(true);
  expect(isTransient('Could not resolve host: github.com')).toBe(true);
  expect(isTransient('The requested URL returned error: 403')).toBe(false);
  expect(isTransient('Permission denied (publickey)')).toBe(false);
});

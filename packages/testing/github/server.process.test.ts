import { afterEach, describe, expect, test } from '@jest/globals';
import { GitHubDouble } from './server.ts';

let github: GitHubDouble;
async function start(options?: ConstructorParameters<typeof GitHubDouble>[0]): Promise<void> {
  github = new GitHubDouble(options);
  await github.start();
}
afterEach(() => github.stop());

const COMMENTS = '/repos/acme/flights/issues/7/comments';
const CHECKS = '/repos/acme/flights/check-runs';
const SHA = 'a'.repeat(40);

interface Asked {
  readonly method?: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(path: string, { method = 'GET', token = 'ghs_test', body, headers }: Asked = {}) {
  const answer = await fetch(`${github.env['GITHUB_API_URL']}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
  };
}

describe('pages', () => {
  test.each([
    ['per_page=100', 100, 'next 2, last 3'],
    ['per_page=1000', 100, 'next 2, last 3'],
    ['per_page=100&page=3', 50, 'prev 2, first 1'],
    ['per_page=100&page=9', 0, 'prev 3, last 3, first 1'],
    ['', 30, 'next 2, last 9'],
  ])('%s: %d items, leading to %s', async (query, items, leads) => {
    await start();
    for (let i = 0; i < 250; i++) github.state.addComment(7, 'x');
    const answer = await ask(`${COMMENTS}?${query}`);
    expect(answer.body).toHaveLength(items);
    const links = [...(answer.headers.get('link') ?? '').matchAll(/[?&]page=(\d+)[^>]*>; rel="(\w+)"/g)];
    expect(links.map(([, page, relation]) => `${relation} ${page}`).join(', ')).toBe(leads);
  });

  test('what fits on one leads nowhere', async () => {
    await start();
    expect((await ask(COMMENTS)).headers.get('link')).toBeNull();
  });
});

describe('permissions', () => {
  const check = { name: 'x', head_sha: SHA };
  test.each([
    ['checks', 'read', 'POST', CHECKS, check, 'checks=write'],
    ['checks', 'none', 'GET', `/repos/acme/flights/commits/${SHA}/check-runs`, undefined, 'checks=read'],
    ['pull-requests', 'read', 'POST', COMMENTS, { body: 'x' }, 'issues=write; pull_requests=write'],
    ['pull-requests', 'none', 'GET', COMMENTS, undefined, 'issues=read; pull_requests=read'],
    [
      'statuses',
      'none',
      'POST',
      `/repos/acme/flights/statuses/${SHA}`,
      { state: 'success' },
      'statuses=write',
    ],
    ['actions', 'none', 'GET', '/repos/acme/flights/actions/runs', undefined, 'actions=read'],
  ])('%s: %s is not enough for %s %s', async (permission, level, method, path, body, accepted) => {
    await start({ permissions: { [permission]: level } });
    const answer = await ask(path, { method, body });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('x-accepted-github-permissions')).toBe(accepted);
    expect(answer.body).toEqual({
      message: 'Resource not accessible by integration',
      documentation_url: expect.stringMatching(/^https:\/\/docs\.github\.com\/rest\/.+#/),
      status: '403',
    });
    expect(github.violations).toEqual([]);
  });

  test('another permission that covers the same is enough', async () => {
    await start({ permissions: { 'pull-requests': 'none', issues: 'write' } });
    expect((await ask(COMMENTS, { method: 'POST', body: { body: 'x' } })).status).toBe(201);
  });

  test('a token that nobody knows', async () => {
    await start();
    expect(await ask(COMMENTS, { token: 'old' })).toMatchObject({
      status: 401,
      body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest', status: '401' },
    });
  });
});

describe('rate limits', () => {
  test('count down, and refuse until the hour is over', async () => {
    let now = Date.now();
    await start({ rateLimit: { remaining: 2, resetsIn: 60, status: 429, clock: () => now } });
    const left = async (): Promise<unknown> => {
      const { status, headers } = await ask(COMMENTS);
      return [status, headers.get('x-ratelimit-remaining'), headers.get('x-ratelimit-used')];
    };
    expect(await left()).toEqual([200, '1', '4999']);
    expect(await left()).toEqual([200, '0', '5000']);
    expect(await left()).toEqual([429, '0', '5000']);
    const reset = Number((await ask(COMMENTS)).headers.get('x-ratelimit-reset'));
    now = reset * 1000;
    expect(await left()).toEqual([200, '4999', '1']);
    expect(github.violations).toEqual([]);
  });

  test('an unchanged answer is not sent again and costs nothing', async () => {
    await start();
    github.state.addComment(7, 'x');
    const first = await ask(COMMENTS);
    const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
    const again = await ask(COMMENTS, { headers });
    expect([again.status, again.body]).toEqual([304, undefined]);
    expect(again.headers.get('x-ratelimit-remaining')).toBe(first.headers.get('x-ratelimit-remaining'));
    github.state.addComment(7, 'y');
    expect((await ask(COMMENTS, { headers })).status).toBe(200);
    expect(github.violations).toEqual([]);
  });

  test.each([403, 429] as const)('too much at once is refused with %d and a time', async (status) => {
    await start();
    github.fail({ method: 'GET', path: /comments$/, kind: { secondaryLimit: status, retryAfter: 7 } });
    const answer = await ask(COMMENTS);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(answer.body).toMatchObject({ message: expect.stringContaining('secondary rate limit') });
  });
});

describe('what GitHub does not describe is noted', () => {
  test.each<[string, string, unknown, string]>([
    ['GET', '/repos/acme/flights/branches', undefined, 'not an operation'],
    ['GET', `${COMMENTS}?limit=3`, undefined, 'unknown query limit'],
    ['GET', `${COMMENTS}?per_page=many`, undefined, 'per_page must be integer'],
    ['POST', COMMENTS, { text: 'x' }, 'unknown field text'],
    ['POST', CHECKS, { name: 'x' }, "must have required property 'head_sha'"],
    ['POST', CHECKS, { name: 'x', head_sha: SHA, status: 'running' }, 'must be equal to one of'],
    [
      'POST',
      CHECKS,
      {
        name: 'x',
        head_sha: SHA,
        output: {
          title: 'x',
          summary: 'x',
          annotations: Array.from({ length: 51 }, () => ({
            path: 'a',
            start_line: 1,
            end_line: 1,
            annotation_level: 'notice',
            message: 'x',
          })),
        },
      },
      'must NOT have more than 50 items',
    ],
    ['POST', `/repos/acme/flights/statuses/${SHA}`, { state: 'warning' }, 'must be equal to one of'],
  ])('%s %s %j', async (method, path, body, fault) => {
    await start({ permissions: { statuses: 'write' } });
    await ask(path, { method, body });
    expect(github.violations).toEqual(expect.arrayContaining([expect.stringContaining(fault)]));
  });
});

test('the API may lie below a path, as on GitHub Enterprise Server', async () => {
  await start({ mount: '/api/v3' });
  expect(github.env['GITHUB_API_URL']).toMatch(/\/api\/v3$/);
  expect((await ask(COMMENTS)).status).toBe(200);
});

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { shape } from '../shape.ts';
import { GitHubDouble } from './server.ts';

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly answer: unknown;
}

/** What the real GitHub answered. */
const { recorded } = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8')) as {
  readonly recorded: Readonly<Record<string, readonly Recorded[]>>;
};
const scenario = (name: string): readonly Recorded[] => recorded[name] ?? [];

let github: GitHubDouble;
beforeEach(async () => {
  github = new GitHubDouble({ permissions: { statuses: 'write' } });
  await github.start();
});
afterEach(async () => {
  await github.stop();
  expect(github.violations).toEqual([]);
});

async function ask(method: string, path: string, body: unknown = null): Promise<Response> {
  return fetch(`${github.env['GITHUB_API_URL']}${path}`, {
    method,
    headers: { authorization: 'token ghs_test' },
    body: body === null ? null : JSON.stringify(body),
  });
}

const namesOf = (headers: Readonly<Record<string, string>>): string[] => Object.keys(headers).sort();

function expectHeaders(answer: Response, expected: Readonly<Record<string, string>>): void {
  const given = Object.fromEntries(answer.headers);
  expect(namesOf(given)).toEqual(expect.arrayContaining(namesOf(expected)));
  expect(given['content-type']).toBe(expected['content-type']);
}

test.each(scenario('create-status').map((one) => [one.body, one] as const))(
  'a commit status is created as on GitHub: %j',
  async (body, { method, path, status, headers, answer: expected }) => {
    const answer = await ask(method, path.replace(/^\/repos\/[^/]+\/[^/]+/, '/repos/acme/flights'), body);
    expect(answer.status).toBe(status);
    const given = (await answer.json()) as object;
    expect(shape(given)).toEqual(shape(expected));
    expect(given).toMatchObject(body as object);
    expectHeaders(answer, headers);
  },
);

test.each(scenario('paginate-issues').map((one, i) => [i + 1, one] as const))(
  'page %d of five leads to the others as on GitHub',
  async (page, { status, headers, answer: expected }) => {
    for (let i = 0; i < 13; i++) github.state.addComment(7, `comment ${i}`);
    // GitHub's first link leads from a request without a page.
    const query = page === 1 ? 'per_page=3' : `per_page=3&page=${page}`;
    const answer = await ask('GET', `/repos/acme/flights/issues/7/comments?${query}`);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toHaveLength((expected as unknown[]).length);
    const relative = (link: string): string => link.replace(/<[^?]+/g, '<');
    expect(relative(answer.headers.get('link') ?? '')).toBe(relative(headers['link'] ?? ''));
    expectHeaders(answer, headers);
  },
);

test('a label looks as on GitHub', async () => {
  const actor = { login: 'octocat', type: 'User' };
  github.state.changeLabel({ issue: 7, event: 'labeled', label: 'Foo', actor, at: new Date() });
  const answer = await ask('GET', '/repos/acme/flights/issues/7/labels');
  const [one] = scenario('add-labels-to-issue') as [Recorded];
  expect(shape(await answer.json())).toEqual(shape(one.answer));
});

test('what cannot be accepted is refused as on GitHub', async () => {
  const [one] = scenario('errors') as [Recorded];
  const answer = await ask('POST', '/repos/acme/flights/issues/7/comments', { body: 'x'.repeat(65_537) });
  expect(answer.status).toBe(one.status);
  // Newer answers have the status in the body, and this one a sentence about the field.
  const { status, errors, ...given } = (await answer.json()) as { status: string; errors: object[] };
  expect(status).toBe('422');
  const [{ message, ...error }] = errors as [{ message: string }];
  expect(message).toContain('too long');
  expect(shape({ ...given, errors: [error] })).toEqual(shape(one.answer));
  expectHeaders(answer, one.headers);
});

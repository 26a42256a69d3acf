import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { shape } from '../shape.ts';
import { GiteaDouble } from './server.ts';

interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly status: number;
  readonly type: string | null;
  readonly answer: unknown;
}

/** What a real Gitea answered, one after the other. */
const { recorded } = JSON.parse(readFileSync(new URL('recorded.json', import.meta.url), 'utf8')) as {
  readonly recorded: readonly Recorded[];
};

const gitea = new GiteaDouble();
beforeAll(async () => {
  await gitea.start();
  // The first comment that was recorded had the number 7.
  for (let i = 0; i < 6; i++) gitea.addComment(7, 'x', 'ada');
});
afterAll(async () => {
  await gitea.stop();
  expect(gitea.violations).toEqual([]);
});

test.each(recorded.map((one) => [one.method, one.path, one] as const))(
  '%s %s is answered as Gitea does',
  async (method, path, { token = 'ghs_test', body, status, type, answer: expected }) => {
    const answer = await fetch(`${gitea.env['GITHUB_API_URL']}${path}`, {
      method,
      headers: { authorization: `token ${token}` },
      body: body === undefined ? null : JSON.stringify(body),
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, type]);
    const text = await answer.text();
    expect(shape(type?.startsWith('application/json') === true ? JSON.parse(text) : text)).toEqual(
      shape(expected),
    );
  },
);

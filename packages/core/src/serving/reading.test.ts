import { describe, expect, test } from '@jest/globals';
import { serving } from '@sluice/testing/serving.ts';
import { checkSettled, checkVersion } from './checks.ts';
import { disagreement, serversOf, type Read } from './reading.ts';
import type { ModelServer, VersionAnswer } from './server.ts';
import type { LiveState } from './target.ts';

const signal = new AbortController().signal;
const words = {
  says: (what: string) => `the sign says ${what}`,
  onlyRead: 'only the sign was read',
  staging: () => '',
  switching: '',
};
const wanted = { version: 'v2.0.0', modelDigest: 'ab' };

/** A server that gives these answers one after the other, and the last for ever. */
function replica(url: string, ...answers: VersionAnswer[]): ModelServer {
  let asked = 0;
  return {
    url,
    notReady: () => Promise.resolve(undefined),
    version: () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)] as VersionAnswer),
    predict: () => Promise.resolve({ kind: 'silent', message: 'no model', ms: 1 }),
  };
}
const answered = (version: string): VersionAnswer => ({ kind: 'answered', version });
const target = (servers: ModelServer[], live: LiveState = serving('v2.0.0')): Read => ({
  words,
  servers,
  live: () => Promise.resolve(live),
});

test('who answers for a target is asked once, also where its front door is a replica', () => {
  const [a, b] = [replica('http://a', answered('v1.0.0')), replica('http://b', answered('v1.0.0'))];
  expect(serversOf({ server: a, servers: [b, a] }).map(({ url }) => url)).toEqual(['http://a', 'http://b']);
  expect(serversOf({ servers: [] })).toEqual([]);
});

describe('a replica', () => {
  const others = (answer: LiveState['answer']) => ({
    state: serving('v2.0.0'),
    others: [{ url: 'http://b', answer }],
  });

  test.each([
    [{ kind: 'answered', shares: [{ version: 'v1.0.0', weight: 100 }] }, 'http://b answers with v1.0.0'],
    [
      { kind: 'answered', shares: [{ version: 'v2.0.0', weight: 100 }], modelDigest: 'cd' },
      'http://b answers with v2.0.0 (sha256:cd)',
    ],
    [{ kind: 'answered', shares: [] }, 'http://b answers with no version'],
    [{ kind: 'silent', message: 'refused' }, 'http://b does not answer (refused)'],
  ] as const)('that has another version, or none, is named', (answer, found) => {
    expect(disagreement(others(answer), wanted, words)).toBe(found);
  });

  test('that is down serves nothing, where nothing is to be served', () => {
    const nothing: LiveState = { intended: [], answer: { kind: 'answered', shares: [] } };
    const down = { url: 'http://b', answer: { kind: 'silent', message: 'refused' } } as const;
    expect(disagreement({ state: nothing, others: [down] }, undefined, words)).toBeUndefined();
    const up = { ...down, answer: serving('v1.0.0').answer };
    expect(disagreement({ state: nothing, others: [up] }, undefined, words)).toBe(
      'http://b answers with v1.0.0',
    );
  });

  test('that still serves is named, though the front door is closed', async () => {
    const closed: LiveState = { intended: [], answer: { kind: 'silent', message: 'refused' } };
    const still = target([replica('http://b', answered('v1.0.0'))], closed);
    expect(await checkVersion(still, undefined, { timeoutMs: 20, pauseMs: 1 }, signal)).toMatchObject({
      verdict: 'fail',
      message: 'Waited 0.02 s for no version; http://b answers with v1.0.0.',
    });
    expect(await checkVersion(target([], closed), undefined, { timeoutMs: 0, pauseMs: 1 }, signal)).toEqual({
      check: 'version',
      verdict: 'pass',
      message: 'No version is served: refused.',
    });
  });

  test('is waited for, and named when it never comes up', async () => {
    const late = replica('http://b', answered('v1.0.0'), answered('v2.0.0'));
    const patient = { timeoutMs: 50_000, pauseMs: 1 };
    expect(
      await checkVersion(target([replica('http://a', answered('v2.0.0')), late]), wanted, patient, signal),
    ).toEqual({
      check: 'version',
      verdict: 'pass',
      message: 'Each of 2 servers answers with v2.0.0.',
    });
    const stale = target([replica('http://b', answered('v1.0.0'))]);
    expect(await checkVersion(stale, wanted, { timeoutMs: 20, pauseMs: 1 }, signal)).toMatchObject({
      verdict: 'fail',
      message: 'Waited 0.02 s for v2.0.0; http://b answers with v1.0.0.',
    });
  });

  test('that falls back while it settles is named', async () => {
    const flips = replica('http://b', answered('v2.0.0'), answered('v2.0.0'), answered('v1.0.0'));
    expect(await checkSettled(target([flips]), wanted, { answers: 3, ms: 2 }, signal)).toMatchObject({
      verdict: 'fail',
      message: 'Asked 3 of 3 times for v2.0.0; http://b answers with v1.0.0.',
    });
  });
});

test('where no server can say its version, nothing was read back and nothing passes', async () => {
  const mute: LiveState = { intended: [{ version: 'v2.0.0', weight: 100 }], answer: { kind: 'not-asked' } };
  const unread = { check: 'version', verdict: 'not-checked' };
  expect(await checkSettled(target([], mute), wanted, { answers: 3, ms: 2 }, signal)).toMatchObject(unread);
  expect(await checkVersion(target([], mute), wanted, { timeoutMs: 0, pauseMs: 1 }, signal)).toMatchObject(
    unread,
  );
  const elsewhere = target([], { ...mute, intended: [] });
  expect(await checkSettled(elsewhere, wanted, { answers: 3, ms: 2 }, signal)).toMatchObject({
    verdict: 'fail',
  });
});

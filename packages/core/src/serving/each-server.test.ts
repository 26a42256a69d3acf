import { expect, test } from '@jest/globals';
import { GOLDEN_PASSED, serverAt } from '@sluice/testing/serving.ts';
import type { Check } from './checks.ts';
import { checkEach } from './each-server.ts';
import { httpServer } from './server.ts';

const [a, b] = [httpServer(serverAt('http://a')), httpServer(serverAt('http://b'))];
const ready: Check = { check: 'ready', verdict: 'pass', message: 'Ready 3 times in a row.' };

test('the checks of one server are as they were made', async () => {
  expect(await checkEach([a], () => Promise.resolve([ready]))).toEqual([ready]);
  expect(await checkEach([], () => Promise.resolve([ready]))).toEqual([]);
});

test('a check holds where it holds for all', async () => {
  expect(await checkEach([a, b], () => Promise.resolve([ready]))).toEqual([
    { ...ready, message: 'Each of 2 servers: Ready 3 times in a row.' },
  ]);
});

test('of golden cases all answers count, also where the servers got unequally many', async () => {
  const many: Check = { ...GOLDEN_PASSED, cases: 120 };
  const checks = await checkEach([a, b], (_, index) => Promise.resolve([index === 0 ? many : GOLDEN_PASSED]));
  expect(checks).toMatchObject([
    { cases: 121, message: '121 of 121 golden predictions answered as expected by 2 servers.' },
  ]);
});

test('a server that disagrees is named, and so is what it answered', async () => {
  const failure = { file: 'g', line: 1, expected: '1', got: '2' };
  const wrong: Check = {
    ...GOLDEN_PASSED,
    verdict: 'fail',
    failed: 1,
    failures: [failure],
    message: 'Wrong.',
  };
  const checks = await checkEach([a, b], ({ url }) =>
    Promise.resolve([url === 'http://a' ? GOLDEN_PASSED : wrong]),
  );
  expect(checks).toEqual([
    { ...wrong, message: 'http://b: Wrong.', cases: 2, failures: [{ ...failure, server: 'http://b' }] },
  ]);
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { errorsOf, questionOf, readCounts } from './counts.ts';

const SINCE = new Date('2026-01-01T00:00:00.000Z');
const question = questionOf({
  since: SINCE,
  ms: 60_000,
  arms: { candidate: { version: 'v2.0.0', weight: 10 }, stable: { version: 'v1.0.0', weight: 90 } },
});
const GOOD = {
  since: '2026-01-01T00:00:00Z',
  until: '2026-01-01T00:01:00.000Z',
  candidate: { version: 'v2.0.0', requests: 50, errors: 3 },
  stable: { version: 'v1.0.0', requests: 450, errors: 4 },
};
const read = (answer: unknown): unknown => readCounts(JSON.stringify(answer), question, 'The answer');

test('the question names versions and times', () => {
  expect(question).toEqual({
    candidate: 'v2.0.0',
    stable: 'v1.0.0',
    since: '2026-01-01T00:00:00.000Z',
    until: '2026-01-01T00:01:00.000Z',
  });
});

test('counts become the share of errors of each version', () => {
  expect(read(GOOD)).toEqual({
    kind: 'samples',
    candidate: { kind: 'proportion', n: 50, hits: 3 },
    stable: { kind: 'proportion', n: 450, hits: 4 },
  });
});

test('no requests are no samples, whatever else is said', () => {
  expect(read({ ...GOOD, candidate: { version: 'v2.0.0', requests: 0, errors: 0 } })).toEqual({
    kind: 'no-data',
    message: 'The answer says that v2.0.0 got no requests in this time.',
  });
});

test.each([[null], [undefined], [{ version: 'v1.0.0', requests: 0, errors: 0 }]])(
  'what is live may have no samples: %p',
  (stable) => {
    expect(read({ ...GOOD, stable })).toEqual({
      kind: 'samples',
      candidate: { kind: 'proportion', n: 50, hits: 3 },
    });
  },
);

test.each([
  ['nothing', {}],
  ['a number', 7],
  ['counts that are none', { ...GOOD, candidate: { version: 'v2.0.0', requests: 5.5, errors: 0 } }],
  ['counts below zero', { ...GOOD, candidate: { version: 'v2.0.0', requests: 5, errors: -1 } }],
  ['counts as text', { ...GOOD, candidate: { version: 'v2.0.0', requests: '5', errors: '0' } }],
])('%s is no answer', (_, answer) => {
  expect(read(answer)).toMatchObject({
    kind: 'error',
    message: expect.stringContaining('answered no such JSON'),
  });
});

test('more errors than requests make no sense', () => {
  const candidate = { version: 'v2.0.0', requests: 5, errors: 6 };
  expect(read({ ...GOOD, candidate })).toMatchObject({ kind: 'error' });
});

test.each([
  ['another time', { ...GOOD, since: '2025-12-31T23:59:00Z' }, 'answered for 2025-12-31T23:59:00Z to'],
  ['another end', { ...GOOD, until: 'now' }, 'answered for 2026-01-01T00:00:00Z to now'],
  [
    'another candidate',
    { ...GOOD, candidate: { version: 'v3.0.0', requests: 1, errors: 0 } },
    'answered for v3.0.0 as the candidate, not for v2.0.0',
  ],
  [
    'something else that is live',
    { ...GOOD, stable: { version: 'v0.1.0', requests: 1, errors: 0 } },
    'answered for v0.1.0 as what is live, not for v1.0.0',
  ],
])('an answer about %s is not counted', (_, answer, message) => {
  expect(read(answer)).toMatchObject({ kind: 'error', message: expect.stringContaining(message) });
});

test('an answer that is no JSON is shown as one', () => {
  expect(readCounts('<html>', question, 'http://x')).toMatchObject({ kind: 'error' });
});

test('counts of the candidate alone are enough', () => {
  expect(errorsOf({ requests: 3, errors: 1 }, undefined)).toEqual({
    kind: 'samples',
    candidate: { kind: 'proportion', n: 3, hits: 1 },
  });
});

test('whatever is answered, it is an observation, and samples are those of the question', () => {
  const versions = fc.constantFrom('v2.0.0', 'v1.0.0', 'v3.0.0');
  const counts = fc.record(
    { version: versions, requests: fc.integer({ min: -1, max: 9 }), errors: fc.integer({ min: -1, max: 9 }) },
    { requiredKeys: [] },
  );
  const times = { since: fc.constantFrom(GOOD.since, 'x'), until: fc.constantFrom(GOOD.until, 'x') };
  const near = fc.record({ ...times, candidate: counts, stable: counts }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.oneof(near, fc.jsonValue()), (answer) => {
      const found = readCounts(JSON.stringify(answer), question, 'The answer');
      if (found.kind !== 'samples') return;
      expect(answer).toMatchObject({ candidate: { version: 'v2.0.0', requests: found.candidate.n } });
      expect(found.candidate.n).toBeGreaterThan(0);
    }),
  );
});

import { expect, test } from '@jest/globals';
import type { Observation } from '../../samples.ts';
import type { Answered, Prometheus } from './api.ts';
import type { Series } from './counter.ts';
import { countErrors } from './counting.ts';
import { readQuery } from './query.ts';

const UNTIL = 1_000_060;
const WINDOW = {
  since: new Date(1_000_000_000),
  ms: 60_000,
  arms: { candidate: { version: 'v2.0.0', weight: 10 }, stable: { version: 'v1.0.0', weight: 90 } },
};
const COUNTERS = {
  requests: 'm_total{version="{version}"}',
  errors: 'm_total{version="{version}",code=~"5.."}',
};
const EXPRESSIONS = {
  requests: 'sum(increase(m_total{version="{version}"}[{window}]))',
  errors: 'sum(increase(m_total{version="{version}",code=~"5.."}[{window}]))',
};

/** What Prometheus says to each query; what is not there finds nothing. */
function saying(answers: Readonly<Record<string, readonly Series[] | Answered>>): Prometheus {
  return (query, at) => {
    expect(at).toBe(UNTIL);
    const answer = answers[query] ?? [];
    return Promise.resolve('kind' in answer ? answer : { kind: 'series', series: answer });
  };
}

function observe(
  answers: Readonly<Record<string, readonly Series[] | Answered>>,
  texts = COUNTERS,
): Promise<Observation> {
  const queries = { requests: readQuery(texts.requests, 'r'), errors: readQuery(texts.errors, 'e') };
  return countErrors(saying(answers), queries, WINDOW, new AbortController().signal);
}

const counter = (before: number, after: number, labels: Series['labels'] = {}): Series => ({
  labels,
  samples: [
    [999_990, before],
    [1_000_050, after],
  ],
});
const value = (one: number, labels: Series['labels'] = {}): Series => ({ labels, samples: [[UNTIL, one]] });

const raw = (version: string, more = ''): string => `m_total{version="${version}"${more}}[660s]`;
const ERRORS = ',code=~"5.."';
const BY_BOTH = 'count by (version, code) (m_total)';
const LIVE = { [raw('v1.0.0')]: [counter(0, 450)], [raw('v1.0.0', ERRORS)]: [counter(0, 9)] };

test('counters of both versions, all series together', async () => {
  const answers = {
    ...LIVE,
    [raw('v2.0.0')]: [counter(10, 40), counter(0, 20)],
    [raw('v2.0.0', ERRORS)]: [counter(1, 4)],
  };
  await expect(observe(answers)).resolves.toEqual({
    kind: 'samples',
    candidate: { kind: 'proportion', n: 50, hits: 3 },
    stable: { kind: 'proportion', n: 450, hits: 9 },
  });
});

test('no series of errors are no errors, where the metric is there by these labels', async () => {
  const answers = {
    ...LIVE,
    [raw('v2.0.0')]: [counter(0, 50)],
    [BY_BOTH]: [value(1, { version: 'v2.0.0', code: '200' })],
  };
  await expect(observe(answers)).resolves.toMatchObject({ candidate: { n: 50, hits: 0 } });
});

test('a label that no series has is an error, and not a version without errors', async () => {
  const answers = {
    ...LIVE,
    [raw('v2.0.0')]: [counter(0, 50)],
    [BY_BOTH]: [value(1, { version: 'v2.0.0' })],
  };
  await expect(observe(answers)).resolves.toMatchObject({
    kind: 'error',
    message: expect.stringContaining("No series of m_total has the label 'code'"),
  });
});

test('a metric of errors that nobody has is no data', async () => {
  const texts = { ...COUNTERS, errors: 'failures_total{version="{version}"}' };
  await expect(observe({ [raw('v2.0.0')]: [counter(0, 50)] }, texts)).resolves.toMatchObject({
    kind: 'no-data',
    message: expect.stringMatching(/no series of failures_total: the metric is missing.*count from 0/),
  });
});

test('a counter that stands still says that the target got no requests', async () => {
  const answers = { ...LIVE, [raw('v2.0.0')]: [counter(40, 40)], [raw('v2.0.0', ERRORS)]: [counter(3, 3)] };
  await expect(observe(answers)).resolves.toEqual({
    kind: 'no-data',
    message: 'Prometheus says that v2.0.0 got no requests in this time.',
  });
});

test('no series of the version, but of others: the target got no requests', async () => {
  const known = [value(2, { version: 'v1.0.0' }), value(1, { version: 'v0.9.0' })];
  await expect(observe({ ...LIVE, 'count by (version) (m_total)': known })).resolves.toEqual({
    kind: 'no-data',
    message:
      'v2.0.0 got no requests: m_total has no series with version="v2.0.0" (it has "v0.9.0", "v1.0.0").',
  });
});

test('no series at all: the metric is missing', async () => {
  await expect(observe({})).resolves.toMatchObject({
    kind: 'no-data',
    message: expect.stringContaining('no series of m_total: the metric is missing'),
  });
});

test('what is live may have no samples; the candidate has its own', async () => {
  const answers = { [raw('v2.0.0')]: [counter(0, 50)], [raw('v2.0.0', ERRORS)]: [counter(0, 1)] };
  await expect(observe(answers)).resolves.toEqual({
    kind: 'samples',
    candidate: { kind: 'proportion', n: 50, hits: 1 },
  });
});

test('more errors than requests are of other requests', async () => {
  const answers = { ...LIVE, [raw('v2.0.0')]: [counter(0, 5)], [raw('v2.0.0', ERRORS)]: [counter(0, 9)] };
  await expect(observe(answers)).resolves.toMatchObject({
    kind: 'error',
    message: expect.stringContaining('9 errors of v2.0.0 in 5 requests'),
  });
});

test('a version without an address has no instance that could be asked for', async () => {
  const texts = { ...COUNTERS, errors: 'm_total{instance="{instance}"}' };
  await expect(observe({}, texts)).resolves.toEqual({
    kind: 'error',
    message: 'v2.0.0 has no address of its own, by which {instance} could find what it counts.',
  });
});

test('a refusal is an error', async () => {
  const refused = { kind: 'error', message: 'refused' } as const;
  await expect(observe({ ...LIVE, [raw('v2.0.0')]: refused })).resolves.toEqual(refused);
});

const increase = (version: string, more = ''): string =>
  `sum(increase(m_total{version="${version}"${more}}[60s]))`;

test('expressions are counts of the window, in whole numbers', async () => {
  const answers = {
    [increase('v2.0.0')]: [value(50.4)],
    [increase('v2.0.0', ERRORS)]: [value(2.6)],
    [increase('v1.0.0')]: [value(450)],
    [increase('v1.0.0', ERRORS)]: [value(0)],
  };
  await expect(observe(answers, EXPRESSIONS)).resolves.toEqual({
    kind: 'samples',
    candidate: { kind: 'proportion', n: 50, hits: 3 },
    stable: { kind: 'proportion', n: 450, hits: 0 },
  });
});

test('a series that was filled up with zeroes is no sample', async () => {
  const answers = { [increase('v2.0.0')]: [value(0)], [increase('v2.0.0', ERRORS)]: [value(0)] };
  await expect(observe(answers, EXPRESSIONS)).resolves.toMatchObject({
    kind: 'no-data',
    message: expect.stringContaining('got no requests'),
  });
});

test.each(['requests', 'errors'] as const)('NaN of %s is no data', async (which) => {
  const answers = {
    [increase('v2.0.0')]: [value(which === 'requests' ? NaN : 50)],
    [increase('v2.0.0', ERRORS)]: [value(which === 'errors' ? NaN : 0)],
  };
  await expect(observe(answers, EXPRESSIONS)).resolves.toMatchObject({
    kind: 'no-data',
    message: expect.stringContaining('is no number (NaN)'),
  });
});

test.each([Infinity, -3])('%d is no count', async (count) => {
  await expect(observe({ [increase('v2.0.0')]: [value(count)] }, EXPRESSIONS)).resolves.toMatchObject({
    kind: 'error',
    message: expect.stringContaining('a count is a number from 0'),
  });
});

test('an expression of errors that finds nothing is no data, and says what to write', async () => {
  const answers = {
    [increase('v2.0.0')]: [value(50)],
    [BY_BOTH]: [value(1, { version: 'v2.0.0', code: '200' })],
  };
  await expect(observe(answers, EXPRESSIONS)).resolves.toMatchObject({
    kind: 'no-data',
    message: expect.stringContaining('or vector(0)'),
  });
});

test('an expression without result although the version has series: too few scrapes', async () => {
  const known = [value(1, { version: 'v2.0.0' })];
  await expect(observe({ 'count by (version) (m_total)': known }, EXPRESSIONS)).resolves.toMatchObject({
    kind: 'no-data',
    message: expect.stringContaining('scraped less than twice'),
  });
});

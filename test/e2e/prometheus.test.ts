import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { analysisOf } from '@sluice/core/rollout/analysis/providers/index.ts';
import type { Analysis, Window } from '@sluice/core/rollout/analysis/providers/kind.ts';
import { analysisSchema } from '@sluice/core/rollout/analysis/providers/schema.ts';
import type { Observation } from '@sluice/core/rollout/analysis/samples.ts';
import { parseYaml } from '@sluice/core/schema/parse.ts';
import { silentLog } from '@sluice/testing/log.ts';
import type { StartedServer } from '@sluice/testing/mlflow/server.ts';
import { startPrometheus } from '@sluice/testing/prometheus/prometheus.ts';

/*
 * A real Prometheus that scrapes a real server, which counts what it was really asked. A count is there as soon as it was scraped,
 * so the tests wait for that and not for a time.
 */

let models: Server;
let modelsUrl: string;
let prometheus: StartedServer;
const counted = new Map<string, number>();

beforeAll(async () => {
  models = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    if (url.pathname === '/metrics') {
      const lines = [...counted].map(([labels, count]) => `model_requests_total{${labels}} ${count}\n`);
      return void response.end(`# TYPE model_requests_total counter\n${lines.join('')}`);
    }
    const [version, code] = [url.searchParams.get('version') ?? '', url.searchParams.get('code') ?? ''];
    const labels = `version="${version}",code="${code}"`;
    counted.set(labels, (counted.get(labels) ?? 0) + 1);
    return void response.writeHead(Number(code)).end();
  });
  await new Promise<void>((resolve) => models.listen(0, '127.0.0.1', resolve));
  modelsUrl = `http://127.0.0.1:${(models.address() as AddressInfo).port}`;
  prometheus = await startPrometheus([modelsUrl]);
  // What is counted before the first scrape would look like requests of the window that has it.
  await ask({ 'v1.0.0': [5, 200] });
});
afterAll(async () => {
  await prometheus.stop();
  models.closeAllConnections();
  await new Promise((resolve) => models.close(resolve));
});

/** Asks the server as often as said, with the status that it is to answer with, and waits until Prometheus knows. */
async function ask(
  requests: Readonly<Record<string, readonly [count: number, code: number]>>,
): Promise<void> {
  for (const [version, [count, code]] of Object.entries(requests)) {
    for (let i = 0; i < count; i++) await fetch(`${modelsUrl}/predict?version=${version}&code=${code}`);
  }
  const total = [...counted.values()].reduce((sum, count) => sum + count, 0);
  while ((await valueOf('sum(model_requests_total)')) !== String(total)) await sleep(50);
}

async function valueOf(query: string): Promise<string | undefined> {
  const answer = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result[0]?.value[1];
}

const COUNTERS = `{requests: 'model_requests_total{version="{version}"}', errors: 'model_requests_total{version="{version}",code=~"5.."}'}`;

async function analysisWith(query: string, more = ''): Promise<Analysis> {
  const yaml = `{provider: prometheus, url: '${prometheus.url}', query: ${query}${more}}`;
  const value = parseYaml(yaml, analysisSchema, { name: 'sluice.yaml', reason: 'bad-config' });
  const raw = new Writable({ write: (_chunk, _encoding, done) => done() });
  const step = { env: {}, log: { ...silentLog, raw }, workspace: '/' };
  return analysisOf({ value, name: 'analysis.0', folder: '/' }, step);
}

/** What an analysis finds from a moment on, to now. */
async function observed(
  analysis: Analysis,
  since: Date,
  candidate = 'v2.0.0',
): Promise<Observation | undefined> {
  const window: Window = {
    since,
    ms: Date.now() - since.getTime(),
    arms: { candidate: { version: candidate, weight: 10 }, stable: { version: 'v1.0.0', weight: 90 } },
  };
  const [found] = await analysis.sample(window, new AbortController().signal);
  return found?.observation;
}

test('counters are counted exactly, window by window', async () => {
  const analysis = await analysisWith(COUNTERS);
  const first = new Date();
  await ask({ 'v2.0.0': [7, 200], 'v1.0.0': [60, 200] });
  await ask({ 'v2.0.0': [3, 500], 'v1.0.0': [1, 503] });
  await expect(observed(analysis, first)).resolves.toEqual({
    kind: 'samples',
    candidate: { kind: 'proportion', n: 10, hits: 3 },
    stable: { kind: 'proportion', n: 61, hits: 1 },
  });
  const second = new Date();
  await ask({ 'v2.0.0': [20, 200], 'v1.0.0': [4, 200] });
  await expect(observed(analysis, second)).resolves.toEqual({
    kind: 'samples',
    candidate: { kind: 'proportion', n: 20, hits: 0 },
    stable: { kind: 'proportion', n: 4, hits: 0 },
  });
});

test('a candidate that never failed has no errors, although it has no series of them', async () => {
  const since = new Date();
  await ask({ 'v2.1.0': [4, 200] });
  await expect(observed(await analysisWith(COUNTERS), since, 'v2.1.0')).resolves.toMatchObject({
    candidate: { n: 4, hits: 0 },
  });
});

test('expressions are counts of the window', async () => {
  const since = new Date();
  await ask({ 'v2.2.0': [2, 500] });
  await ask({ 'v2.2.0': [30, 500] });
  await ask({ 'v2.2.0': [30, 500] });
  const increase = 'increase(model_requests_total{version="{version}"}[{window}])';
  const analysis = await analysisWith(`{requests: 'sum(${increase})', errors: 'sum(${increase})'}`);
  const found = await observed(analysis, since, 'v2.2.0');
  if (found?.kind !== 'samples' || found.candidate.kind !== 'proportion') throw new Error('no samples');
  expect(found.candidate.n).toBeGreaterThan(0);
  expect(found.candidate.hits).toBe(found.candidate.n);
});

test('a version that gets no requests any more has no samples', async () => {
  await ask({ 'v2.3.0': [2, 200] });
  const since = new Date();
  await ask({ 'v1.0.0': [3, 200] });
  await expect(observed(await analysisWith(COUNTERS), since, 'v2.3.0')).resolves.toEqual({
    kind: 'no-data',
    message: 'Prometheus says that v2.3.0 got no requests in this time.',
  });
});

test('a version that never got a request has no samples, and the message names those that did', async () => {
  const found = await observed(await analysisWith(COUNTERS), new Date(), 'v9.0.0');
  expect(found).toMatchObject({
    kind: 'no-data',
    message: expect.stringMatching(
      /^v9\.0\.0 got no requests: model_requests_total has no series with version="v9\.0\.0" \(it has "v1\.0\.0"/,
    ),
  });
});

const REQUESTS = `requests: 'model_requests_total{version="{version}"}'`;

test.each([
  [
    'a metric that nobody has is missing',
    `{requests: 'modle_requests_total{version="{version}"}', errors: 'x_total{version="{version}"}'}`,
    'no-data',
    'Prometheus has no series of modle_requests_total: the metric is missing.',
  ],
  [
    'errors of a metric that nobody has are missing',
    `{${REQUESTS}, errors: 'failures_total{version="{version}"}'}`,
    'no-data',
    'Prometheus has no series of failures_total: the metric is missing.',
  ],
  [
    'a label that no series has never finds an error',
    `{${REQUESTS}, errors: 'model_requests_total{version="{version}",status=~"5.."}'}`,
    'error',
    "No series of model_requests_total has the label 'status'",
  ],
  [
    'a series that is filled up with zeroes is no sample',
    `{requests: 'sum(increase(nothing_total{version="{version}"}[{window}])) or vector(0)', errors: 'vector(0) or nothing_total{version="{version}"}[{window}]'}`,
    'no-data',
    'got no requests',
  ],
  [
    'nothing by nothing is not zero',
    `{requests: '0 * vector(0) / vector(0) or increase(x{version="{version}"}[{window}])', errors: 'model_requests_total{version="{version}"}'}`,
    'no-data',
    'is no number (NaN)',
  ],
  [
    'what Prometheus cannot read is an error',
    `{requests: 'summ(increase(model_requests_total{version="{version}"}[{window}]))', errors: 'model_requests_total{version="{version}"}'}`,
    'error',
    'unknown function with name "summ"',
  ],
])('%s', async (_, query, kind, message) => {
  const since = new Date();
  await ask({ 'v2.0.0': [2, 200] });
  await expect(observed(await analysisWith(query), since)).resolves.toMatchObject({
    kind,
    message: expect.stringContaining(message),
  });
});

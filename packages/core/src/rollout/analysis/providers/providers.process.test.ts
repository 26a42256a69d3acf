import { afterAll, describe, expect, test } from '@jest/globals';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { Writable } from 'node:stream';
import { ROOT } from '@sluice/testing/action.ts';
import { silentLog } from '@sluice/testing/log.ts';
import { temporaryFolder } from '@sluice/testing/temporary.ts';
import { parseYaml } from '../../../schema/parse.ts';
import { protocolOf } from '../../../serving/protocols/index.ts';
import { httpServer, type ModelServer } from '../../../serving/server.ts';
import type { Observation } from '../samples.ts';
import { analysisOf } from './index.ts';
import type { Analysis, AnalysisStep, Arm, Window } from './kind.ts';
import { analysisSchema } from './schema.ts';

const servers: Server[] = [];
afterAll(async () => {
  await Promise.all(
    servers.map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
});

type Answering = (request: IncomingMessage, body: string, response: ServerResponse) => void;

/** A real server on loopback that answers as told, and what it was asked. */
async function serve(answer: Answering): Promise<{ url: string; asked: { url: string; body: string }[] }> {
  const asked: { url: string; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      asked.push({ url: request.url ?? '', body });
      answer(request, body, response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const json =
  (body: unknown, status = 200): Answering =>
  (_, __, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
const never: Answering = () => undefined;

function model(url: string, requestTimeoutMs = 10_000): ModelServer {
  const protocol = protocolOf({ value: 'json', name: 'verify.protocol', folder: '/' });
  const { ready, predict } = protocol.paths;
  return httpServer({ url, ready, versionPath: undefined, predict, protocol, requestTimeoutMs });
}

async function stepIn(env: NodeJS.ProcessEnv = {}): Promise<AnalysisStep> {
  const raw = new Writable({ write: (_chunk, _encoding, done) => done() });
  return { env, log: { ...silentLog, raw }, workspace: await temporaryFolder('analysis') };
}

/** The analysis that sluice.yaml would describe so. */
async function analysisFrom(yaml: string, step: AnalysisStep): Promise<Analysis> {
  const value = parseYaml(yaml, analysisSchema, { name: 'sluice.yaml', reason: 'bad-config' });
  return analysisOf({ value, name: 'analysis.0', folder: step.workspace }, step);
}

const arm = (version: string, url?: string, timeoutMs?: number): Arm => ({
  version,
  weight: 50,
  ...(url === undefined ? {} : { server: model(url, timeoutMs) }),
});
const windowOf = (candidate: Arm, stable?: Arm, ms = 200): Window => ({
  since: new Date(),
  ms,
  arms: { candidate, ...(stable === undefined ? {} : { stable }) },
});
const quiet = new AbortController().signal;

async function sampled(analysis: Analysis, window: Window): Promise<Record<string, Observation>> {
  const found = await analysis.sample(window, quiet);
  expect(found.map(({ metric }) => metric)).toEqual(analysis.rules.map(({ id }) => id));
  return Object.fromEntries(found.map(({ metric, observation }) => [metric, observation]));
}

const REQUESTS = '{"id": 1, "input": {"x": 1}}\n{"id": 2, "input": {"x": 2}}\n';

describe('probe', () => {
  const YAML = `{provider: probe, requests: requests.jsonl, rate: 50, warm-up: 3, errors: {max: 0.1}, latency: {max-increase: 20%}}`;

  async function probing(yaml = YAML): Promise<Analysis> {
    const step = await stepIn();
    await writeFile(path.join(step.workspace, 'requests.jsonl'), REQUESTS);
    return analysisFrom(yaml, step);
  }

  test('asks both versions at their own addresses; warm-up requests are no samples', async () => {
    const [good, bad] = [await serve(json({ prediction: 1 })), await serve(json({}, 500))];
    const analysis = await probing();
    expect(analysis.needs).toEqual(['probe']);
    const { 'probe.errors': errors, 'probe.latency': latency } = await sampled(
      analysis,
      windowOf(arm('v2.0.0', bad.url), arm('v1.0.0', good.url)),
    );
    const n = bad.asked.length - 3;
    expect(n).toBeGreaterThanOrEqual(1);
    expect(n).toBeLessThanOrEqual(10);
    expect(good.asked).toHaveLength(n + 3);
    expect(errors).toEqual({
      kind: 'samples',
      candidate: { kind: 'proportion', n, hits: n },
      stable: { kind: 'proportion', n, hits: 0 },
    });
    expect(latency).toEqual({
      kind: 'no-data',
      message: `None of ${n} requests to v2.0.0 got a prediction to time.`,
    });
  });

  test('warms a version up once, and times what is answered', async () => {
    const server = await serve(json({ prediction: 1 }));
    const analysis = await probing();
    const window = windowOf(arm('v2.0.0', server.url), arm('v1.0.0', server.url), 40);
    const first = await sampled(analysis, window);
    expect(first['probe.latency']).toMatchObject({
      candidate: { kind: 'log-mean', mean: expect.any(Number) },
      stable: { kind: 'log-mean' },
    });
    const before = server.asked.length;
    const second = await sampled(analysis, window);
    const found = second['probe.errors'];
    expect(found?.kind === 'samples' ? found.candidate.n : 0).toBe((server.asked.length - before) / 2);
  });

  test('a server that never answers is an error each time, within its timeout', async () => {
    const server = await serve(never);
    const analysis = await probing(`{provider: probe, requests: requests.jsonl, rate: 50, warm-up: 0}`);
    const { 'probe.errors': found } = await sampled(analysis, windowOf(arm('v2.0.0', server.url, 100)));
    if (found?.kind !== 'samples' || found.candidate.kind !== 'proportion') throw new Error('no samples');
    expect(found.candidate.hits).toBe(found.candidate.n);
    expect(found.stable).toBeUndefined();
  });

  test('a status of success without a prediction is an error', async () => {
    const server = await serve((_, __, response) => void response.end('<html>busy</html>'));
    const analysis = await probing(`{provider: probe, requests: requests.jsonl, rate: 50, warm-up: 0}`);
    const { 'probe.errors': found } = await sampled(
      analysis,
      windowOf(arm('v2.0.0', server.url), undefined, 40),
    );
    const { length } = server.asked;
    expect(found).toMatchObject({ candidate: { n: length, hits: length } });
  });

  test('a version without an address of its own cannot be probed', async () => {
    const found = await sampled(await probing(), windowOf(arm('v2.0.0')));
    expect(found['probe.errors']).toEqual({
      kind: 'error',
      message: 'v2.0.0 has no address of its own that requests could be sent to.',
    });
  });

  test('ends at once when it is aborted', async () => {
    const server = await serve(never);
    const analysis = await probing();
    const aborting = new AbortController();
    const sampling = analysis.sample(windowOf(arm('v2.0.0', server.url), undefined, 60_000), aborting.signal);
    aborting.abort(new Error('cancelled'));
    await expect(sampling).rejects.toThrow('cancelled');
  });

  test('a file of requests that is not there is refused before anything is asked', async () => {
    await expect(analysisFrom(YAML, await stepIn())).rejects.toMatchObject({ reasonCode: 'missing-file' });
  });
});

/** The answer to what `http` and `command` ask. */
function countsFor(asked: { candidate: string; stable: string; since: string; until: string }): object {
  const { candidate, stable, since, until } = asked;
  return {
    since,
    until,
    candidate: { version: candidate, requests: 40, errors: 2 },
    stable: { version: stable, requests: 360, errors: 9 },
  };
}
const COUNTED: Observation = {
  kind: 'samples',
  candidate: { kind: 'proportion', n: 40, hits: 2 },
  stable: { kind: 'proportion', n: 360, hits: 9 },
} as unknown as Observation;

describe('http', () => {
  test('asks for the counts of a window, with the token for its origin', async () => {
    const tokens: unknown[] = [];
    const server = await serve((request, body, response) => {
      tokens.push(request.headers.authorization);
      const asked = Object.fromEntries(new URL(request.url ?? '', 'http://x').searchParams);
      json(countsFor(asked as Parameters<typeof countsFor>[0]))(request, body, response);
    });
    const env = { SLUICE_ANALYSIS_URL: server.url, SLUICE_ANALYSIS_TOKEN: 'q7-Zk2-91xT' };
    const analysis = await analysisFrom(
      `{provider: http, url: '${server.url}/counts', max: 0.1, max-increase: 0.02}`,
      await stepIn(env),
    );
    expect(analysis.needs).toEqual([]);
    await expect(sampled(analysis, windowOf(arm('v2.0.0'), arm('v1.0.0'), 20))).resolves.toEqual({
      'http.errors': COUNTED,
      'http.errors-increase': COUNTED,
    });
    expect(tokens).toEqual(['Bearer q7-Zk2-91xT']);
  });

  test('asks again where a server says that it cannot now', async () => {
    let times = 0;
    const server = await serve((request, body, response) => {
      const asked = Object.fromEntries(new URL(request.url ?? '', 'http://x').searchParams);
      const answer = countsFor(asked as Parameters<typeof countsFor>[0]);
      json(answer, ++times === 1 ? 503 : 200)(request, body, response);
    });
    const analysis = await analysisFrom(`{provider: http, url: '${server.url}'}`, await stepIn());
    await expect(sampled(analysis, windowOf(arm('v2.0.0'), arm('v1.0.0'), 1))).resolves.toEqual({
      'http.errors': COUNTED,
    });
  });

  test.each<[string, Answering, string]>([
    ['refuses', json({ error: 'no' }, 404), 'did not tell the counts: HTTP 404'],
    ['never answers', never, 'did not answer within 0.1 s'],
    [
      'leads elsewhere',
      (_, __, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'redirects to http://127.0.0.1:1/',
    ],
    [
      'answers without end',
      (_, __, response) => {
        const more = (): boolean => response.write('x'.repeat(1 << 20));
        response.on('drain', more);
        more();
      },
      'answered more than 16777216 bytes',
    ],
    ['answers something else', json([]), 'answered no such JSON'],
  ])('a server that %s is an error and no verdict', async (_, answer, message) => {
    const server = await serve(answer);
    const analysis = await analysisFrom(
      `{provider: http, url: '${server.url}', timeout: ${answer === never ? '100ms' : '10s'}}`,
      await stepIn(),
    );
    const { 'http.errors': found } = await sampled(analysis, windowOf(arm('v2.0.0'), undefined, 1));
    expect(found).toMatchObject({ kind: 'error', message: expect.stringContaining(message) });
  });
});

describe('command', () => {
  async function commanding(program: string, more = ''): Promise<Analysis> {
    const step = await stepIn({ PATH: process.env['PATH'] });
    await writeFile(path.join(step.workspace, 'counts.mjs'), program);
    return analysisFrom(`{provider: command, run: node counts.mjs${more}}`, step);
  }

  test('a program answers the question on its standard input', async () => {
    const analysis = await commanding(`
      import { readFileSync } from 'node:fs';
      const asked = JSON.parse(readFileSync(0, 'utf8'));
      if (asked['schema-version'] !== 1) process.exit(9);
      console.error('for people');
      console.log(JSON.stringify((${countsFor.toString()})(asked)));`);
    await expect(sampled(analysis, windowOf(arm('v2.0.0'), arm('v1.0.0'), 1))).resolves.toEqual({
      'command.errors': COUNTED,
    });
  });

  test('the program of the documentation counts a log', async () => {
    const page = await readFile(path.join(ROOT, 'docs/analysis.md'), 'utf8');
    const step = await stepIn({ PATH: process.env['PATH'] });
    const program = /```python\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    await writeFile(path.join(step.workspace, 'counts.py'), program);
    const window = windowOf(arm('v2.0.0'), arm('v1.0.0'), 1_000);
    const entry = (version: string, status: number, later: number): string =>
      JSON.stringify({ version, status, at: new Date(window.since.getTime() + later).toISOString() });
    const log = [
      ...[entry('v2.0.0', 200, 0), entry('v2.0.0', 500, 999), entry('v2.0.0', 500, 1_000)],
      ...[entry('v1.0.0', 200, 10), entry('v1.0.0', 200, -1), entry('v0.1.0', 200, 10)],
    ];
    await writeFile(path.join(step.workspace, 'requests.log'), `${log.join('\n')}\n`);
    const analysis = await analysisFrom('{provider: command, run: python3 counts.py}', step);
    await expect(sampled(analysis, window)).resolves.toEqual({
      'command.errors': {
        kind: 'samples',
        candidate: { kind: 'proportion', n: 2, hits: 1 },
        stable: { kind: 'proportion', n: 1, hits: 0 },
      },
    });
  });

  test.each([
    ['fails', 'process.exit(3)', '', 'The command of analysis.0.run ended with exit code 3'],
    ['says nothing', '', '', 'The command of analysis.0.run answered no such JSON'],
    ['hangs', 'setInterval(() => {}, 1000)', ', timeout: 300ms', 'ran longer than 0.3 s'],
    ['says too much', "console.log('x'.repeat(2 << 20))", '', 'is longer than is read'],
  ])('a program that %s is an error and no verdict', async (_, program, more, message) => {
    const { 'command.errors': found } = await sampled(
      await commanding(program, more),
      windowOf(arm('v2.0.0'), undefined, 1),
    );
    expect(found).toMatchObject({ kind: 'error', message: expect.stringContaining(message) });
  });

  test('a program that is not there is one, too', async () => {
    const analysis = await analysisFrom('{provider: command, run: ./nowhere}', await stepIn());
    const { 'command.errors': found } = await sampled(analysis, windowOf(arm('v2.0.0'), undefined, 1));
    expect(found).toMatchObject({ kind: 'error', message: expect.stringContaining('does not exist') });
  });
});

describe('predictions', () => {
  const biased =
    (bias: number): Answering =>
    (request, body, response) => {
      const { x } = JSON.parse(body) as { x: number };
      json({ prediction: x > 1 ? 'large' : 'small', score: x + bias })(request, body, response);
    };

  async function comparing(yaml: string, file = 'requests.jsonl', text = REQUESTS) {
    const step = await stepIn();
    await writeFile(path.join(step.workspace, file), text);
    return { step, analysis: await analysisFrom(yaml, step) };
  }

  test('both versions answer the same requests at the same time, and are recorded by id', async () => {
    const [candidate, stable] = [await serve(biased(0.5)), await serve(biased(0))];
    const { step, analysis } = await comparing(
      `{provider: predictions, requests: requests.jsonl, rate: 100, warm-up: 1, agreement: {min: 0.98},
        score-shift: {score: score, max: 0.1}, slices: [{by: x}], record: out/predictions.jsonl}`,
    );
    expect(analysis.needs).toEqual(['probe']);
    const found = await sampled(
      analysis,
      windowOf(arm('v2.0.0', candidate.url), arm('v1.0.0', stable.url), 300),
    );
    const n = candidate.asked.length - 1;
    expect(found['predictions.agreement']).toMatchObject({ candidate: { kind: 'proportion', n, hits: n } });
    expect(found['predictions.score-shift']).toEqual({
      kind: 'samples',
      candidate: { kind: 'mean', n, mean: 0.5, m2: 0 },
    });
    expect(
      candidate.asked
        .slice(1)
        .map(({ body }) => body)
        .sort(),
    ).toEqual(
      stable.asked
        .slice(1)
        .map(({ body }) => body)
        .sort(),
    );
    const recorded = await readFile(path.join(step.workspace, 'out/predictions.jsonl'), 'utf8');
    expect(recorded).toMatch(/\{"id":"[12]","version":"v2\.0\.0","prediction":"(?:large|small)"\}\n/);
  });

  test('without a live version there is nothing to compare with', async () => {
    const { analysis } = await comparing(
      '{provider: predictions, requests: requests.jsonl, agreement: {min: 0.98}}',
    );
    const server = await serve(biased(0));
    const found = await sampled(analysis, windowOf(arm('v2.0.0', server.url)));
    expect(found).toEqual({
      'predictions.agreement': {
        kind: 'error',
        message: 'There is no live version with an address of its own to compare with.',
      },
    });
  });

  test('what a mirror writes from the first window on', async () => {
    const { step, analysis } = await comparing(
      '{provider: predictions, mirrored: mirror.jsonl, agreement: {min: 0.98}}',
      'mirror.jsonl',
      'a line of last week\n',
    );
    expect(analysis.needs).toEqual([]);
    const nothing = {
      kind: 'no-data',
      message: 'Nothing was mirrored to mirror.jsonl for v2.0.0 in this time.',
    };
    const window = windowOf(arm('v2.0.0'), arm('v1.0.0'), 1);
    await expect(sampled(analysis, window)).resolves.toEqual({ 'predictions.agreement': nothing });
    const line = (prediction: number): string =>
      `${JSON.stringify({
        input: {},
        candidate: { version: 'v2.0.0', answer: { prediction } },
        stable: { version: 'v1.0.0', answer: { prediction: 1 } },
      })}\n`;
    await appendFile(path.join(step.workspace, 'mirror.jsonl'), line(1) + line(2));
    await expect(sampled(analysis, window)).resolves.toEqual({
      'predictions.agreement': { kind: 'samples', candidate: { kind: 'proportion', n: 2, hits: 1 } },
    });
    await expect(sampled(analysis, window)).resolves.toEqual({ 'predictions.agreement': nothing });
  });

  test.each([
    ['{provider: predictions, requests: requests.jsonl}', 'Add agreement, such as agreement: {min: 0.98}'],
    ['{provider: predictions, agreement: {min: 0.9}}', 'needs exactly one of requests'],
    [
      '{provider: predictions, requests: requests.jsonl, mirrored: requests.jsonl, agreement: {min: 0.9}}',
      'needs exactly one of requests',
    ],
    ['{provider: predictions, requests: ../x.jsonl, agreement: {min: 0.9}}', 'leaves the workspace'],
    [
      '{provider: predictions, requests: requests.jsonl, record: /etc/x, agreement: {min: 0.9}}',
      'leaves the workspace',
    ],
  ])('%s is refused', async (yaml, message) => {
    await expect(comparing(yaml)).rejects.toThrow(message);
  });

  test('what is to be recorded needs ids', async () => {
    const yaml =
      '{provider: predictions, requests: requests.jsonl, record: out.jsonl, agreement: {min: 0.9}}';
    await expect(comparing(yaml, 'requests.jsonl', '{"input": 1}\n')).rejects.toThrow(
      'has requests without an "id"',
    );
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { serverAt } from '@sluice/testing/serving.ts';
import { checkGolden, checkLatency, checkReady, checkVersion, percentile95 } from './checks.ts';
import { parseGolden } from './golden.ts';
import { protocolOf } from './protocols/index.ts';
import { httpServer, type ModelServer } from './server.ts';
import type { LiveState } from './target.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** For what never happens. */
const quick = { timeoutMs: 100, pauseMs: 10 };
/** For what happens, however slow the machine. */
const patient = { timeoutMs: 50_000, pauseMs: 1 };
const signal = new AbortController().signal;
let http: Server;
let handler: Handler;
/** Waits long: only what a test answers counts. */
let server: ModelServer;
/** The same, for tests in which it never answers. */
let unanswered: ModelServer;

beforeAll(async () => {
  http = createServer((request, response) => handler(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  const client = (requestTimeoutMs: number): ModelServer =>
    httpServer(serverAt(`http://127.0.0.1:${port}/`, { versionPath: 'version', requestTimeoutMs }));
  server = client(50_000);
  unanswered = client(200);
});
afterAll(() => {
  http.closeAllConnections();
  http.close();
});

const answering =
  (status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    void response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
const silent: Handler = () => undefined;
/** A server whose every prediction ends without an answer. */
const gone = (asked: () => void = () => undefined): ModelServer => ({
  ...server,
  predict: async () => {
    asked();
    return { kind: 'silent', message: 'no answer', ms: 1 };
  },
});

describe('ready', () => {
  test('needs several ready answers in a row', async () => {
    const statuses = [200, 503, 200, 200, 503];
    let asked = 0;
    handler = (_request, response) => void response.writeHead(statuses[asked++] ?? 200).end();
    expect(await checkReady(server, 3, patient, signal)).toMatchObject({
      verdict: 'pass',
    });
    expect(asked).toBe(8);
  });

  test('says the last answer when the server never is', async () => {
    handler = answering(503, { error: 'loading' });
    const check = await checkReady(server, 3, quick, signal);
    expect(check.verdict).toBe('fail');
    expect(check.message).toContain('HTTP 503: {"error":"loading"}');
  });

  test('says that nothing answers', async () => {
    handler = silent;
    const check = await checkReady(unanswered, 1, quick, signal);
    expect(check.verdict).toBe('fail');
    expect(check.message).toContain('did not answer within 0.2 s');
  });

  test('stops when the job is cancelled', async () => {
    handler = answering(503, {});
    const cancellation = new AbortController();
    setTimeout(() => cancellation.abort(new Error('cancelled')), 50);
    const check = checkReady(server, 1, { timeoutMs: 60_000, pauseMs: 10 }, cancellation.signal);
    await expect(check).rejects.toThrow('cancelled');
  });
});

describe('the version a server names', () => {
  test.each([
    [
      'a version',
      { version: 'v1.0.0', 'model-digest': 'sha256:ab' },
      { version: 'v1.0.0', modelDigest: 'ab' },
    ],
    ['no version', { version: null }, {}],
  ])('%s', async (_name, body, expected) => {
    handler = answering(200, body);
    expect(await server.version(signal)).toEqual({ kind: 'answered', ...expected });
  });

  test.each([
    ['an error', answering(500, 'boom'), 'HTTP 500: boom'],
    ['no JSON', answering(200, '<html>'), 'answered no {"version": …}: <html>'],
    [
      'a redirect',
      answering(302, '', { location: 'http://elsewhere.example/' }),
      'redirects are not followed',
    ],
    ['silence', silent, 'did not answer'],
  ])('%s is no answer', async (_name, respond, message) => {
    handler = respond;
    const client = respond === silent ? unanswered : server;
    expect(await client.version(signal)).toMatchObject({
      kind: 'silent',
      message: expect.stringContaining(message) as unknown,
    });
  });

  test('a refused connection names the address', async () => {
    const nobody = httpServer(serverAt('http://127.0.0.1:9'));
    expect(await nobody.version(signal)).toMatchObject({
      kind: 'silent',
      message: expect.stringContaining('127.0.0.1:9') as unknown,
    });
  });
});

describe('reading back', () => {
  const words = {
    says: (what: string) => `the sign says ${what}`,
    onlyRead: 'there is no bell, so only the sign was read',
    staging: () => '',
    switching: '',
  };
  const live = (...states: LiveState[]) => {
    let asked = 0;
    return {
      words,
      servers: [],
      live: async () => states[Math.min(asked++, states.length - 1)] as LiveState,
    };
  };
  const answered = (version: string, modelDigest?: string): LiveState => ({
    intended: [{ version: 'v2.0.0', weight: 100 }],
    answer: {
      kind: 'answered',
      shares: [{ version, weight: 100 }],
      ...(modelDigest === undefined ? {} : { modelDigest }),
    },
  });
  const wanted = { version: 'v2.0.0', modelDigest: 'ab' };

  test('waits until the server answers with the version', async () => {
    const target = live(answered('v1.0.0'), answered('v2.0.0'));
    expect(await checkVersion(target, wanted, patient, signal)).toMatchObject({ verdict: 'pass' });
  });

  test('does not take what the target is set to for an answer', async () => {
    const check = await checkVersion(live(answered('v1.0.0')), wanted, quick, signal);
    expect(check.verdict).toBe('fail');
    expect(check.message).toContain('the server answers with v1.0.0');
  });

  test('does not take the right name with other bytes', async () => {
    const check = await checkVersion(live(answered('v2.0.0', 'cd')), wanted, quick, signal);
    expect(check.verdict).toBe('fail');
    expect(check.message).toContain('sha256:cd');
  });

  test('says in the words of the target when there was no server to ask', async () => {
    const state: LiveState = {
      intended: [{ version: 'v2.0.0', weight: 100 }],
      answer: { kind: 'not-asked' },
    };
    expect(await checkVersion(live(state), wanted, patient, signal)).toMatchObject({
      verdict: 'not-checked',
      message:
        'The version was not read back: there is no bell, so only the sign was read; the sign says v2.0.0.',
    });
  });
});

describe('golden predictions', () => {
  const cases = parseGolden(
    '{"input": {"x": 1}, "output": {"p": 2}}\n{"input": {"x": 2}, "output": {"p": 3}}\n{"input": {}, "status": 400}',
    'golden.jsonl',
  );

  /** x + bias, 400 without x. */
  const adding =
    (bias: number): Handler =>
    (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      request.on('end', () => {
        const { x } = JSON.parse(body) as { x?: number };
        response.writeHead(x === undefined ? 400 : 200).end(JSON.stringify({ p: (x ?? 0) + bias }));
      });
    };

  test('pass when answered as expected', async () => {
    handler = adding(1);
    const checks = await checkGolden(server, cases, signal);
    expect(checks.map((c) => [c.check, c.verdict])).toEqual([
      ['golden', 'pass'],
      ['malformed-input', 'pass'],
    ]);
  });

  test('name line, path, expected and got of a wrong answer', async () => {
    handler = adding(5);
    const [golden] = await checkGolden(server, cases, signal);
    expect(golden).toMatchObject({
      verdict: 'fail',
      cases: 2,
      failed: 2,
      failures: [
        { file: 'golden.jsonl', line: 1, path: '$.p', expected: '2', got: '6' },
        { line: 2, path: '$.p', expected: '3', got: '7' },
      ],
    });
  });

  test('a malformed request that is answered, or breaks the server, fails', async () => {
    handler = answering(200, { p: 2 });
    expect((await checkGolden(server, cases, signal))[1]).toMatchObject({ verdict: 'fail' });
    handler = answering(500, 'boom');
    expect((await checkGolden(server, cases, signal))[1]).toMatchObject({
      verdict: 'fail',
      failures: [{ expected: 'a 4xx status', got: 'HTTP 500 boom' }],
    });
  });

  test('an answer that is no JSON fails', async () => {
    handler = answering(200, '<html>');
    expect((await checkGolden(server, cases, signal))[0]).toMatchObject({
      failures: [{ got: 'no JSON: <html>' }, {}],
    });
  });

  test('are compared with the place of the answer that the protocol names', async () => {
    const value = { template: { request: { instances: ['{input}'] }, answer: 'predictions[0]' } };
    const protocol = protocolOf({ value, name: 'verify.protocol', folder: '/' });
    const bodies: string[] = [];
    handler = (request, response) => {
      request.on('data', (chunk: Buffer) => bodies.push(chunk.toString('utf8')));
      request.on('end', () => void response.end('{"predictions": [2]}'));
    };
    const spoken = httpServer(serverAt(server.url, { protocol }));
    const one = parseGolden('{"input": {"x": 1}, "output": 2}', 'g');
    expect(await checkGolden(spoken, one, signal)).toMatchObject([{ verdict: 'pass' }]);
    expect(bodies).toEqual(['{"instances":[{"x":1}]}']);
    handler = answering(200, { p: 2 });
    expect(await checkGolden(spoken, one, signal)).toMatchObject([
      { verdict: 'fail', failures: [{ expected: '2', got: 'nothing at $["predictions"]: {"p":2}' }] },
    ]);
  });

  test('a server that never answers is asked once', async () => {
    let asked = 0;
    const [golden] = await checkGolden(
      gone(() => asked++),
      cases.slice(0, 2),
      signal,
    );
    expect(golden).toMatchObject({ verdict: 'fail', failed: 1 });
    expect(asked).toBe(1);
  });
});

describe('latency', () => {
  const cases = parseGolden('{"input": 1, "output": 1}', 'g');

  test('passes under the limit and counts its requests', async () => {
    handler = answering(200, 1);
    expect(await checkLatency(server, cases, 50_000, signal)).toMatchObject({ verdict: 'pass', n: 50 });
  });

  test('fails over it without waiting for all requests', async () => {
    handler = (_request, response) => void setTimeout(() => response.end('1'), 30);
    const check = await checkLatency(server, cases, 5, signal);
    expect(check).toMatchObject({ verdict: 'fail', n: 3 });
  });

  test('fails when the server stops answering', async () => {
    expect(await checkLatency(gone(), cases, 1000, signal)).toMatchObject({ verdict: 'fail', n: 1 });
  });

  test('the percentile is the smallest value that at least 95 % do not exceed', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: 0, max: 1e6 }), { minLength: 1 }), (values) => {
        const p95 = percentile95(values);
        const share = (limit: number) => values.filter((v) => v <= limit).length / values.length;
        const smaller = values.filter((v) => v < p95);
        return share(p95) >= 0.95 && smaller.every((v) => share(v) < 0.95);
      }),
    );
  });
});
